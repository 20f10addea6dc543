#pragma once

#include "optex/data/dataset.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace optex {

/// A text as numbers: each character (Unicode code point) is its place in a sorted vocabulary.
struct TextCorpus {
  std::string source;
  std::vector<char32_t> vocabulary;   ///< ascending, without repetitions
  std::vector<std::int32_t> symbols;  ///< the text
  std::string hash;                   ///< of the symbols that are kept and the bytes of the whole text

  /// Samples are characters, features nothing, classes the vocabulary.
  DataDescription describe() const;
};

/// Reads a text file, plain or gzip; of a folder all its .txt and .md files in the order of their names.
/// Line ends become "\n". limit: keep the first so many characters; 0: all. The vocabulary is that of the
/// whole text.
///
/// Throws IoError, with file and line, for other encodings than ASCII and UTF-8; for a missing file, a folder
/// without texts, a text of fewer than two different characters, and one of more than 4096.
TextCorpus read_text(const std::filesystem::path& path, Index limit = 0);

}  // namespace optex
