#pragma once

#include "optex/data/dataset.hpp"
#include "optex/data/survey.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace optex {

/// A text as numbers: each character (Unicode code point) is its place in a sorted vocabulary. A rank may
/// keep stretches of the text only; places and counts are those of the whole text.
struct TextCorpus {
  /// Neighbouring characters; the first one has the place `first`.
  struct Stretch {
    Index first = 0;
    std::vector<std::int32_t> symbols;
  };

  std::string source;
  std::vector<char32_t> vocabulary;  ///< ascending, without repetitions
  Index length = 0;                  ///< characters
  std::vector<Stretch> stretches;    ///< of the text that are here; of a whole text one
  bool is_whole = true;
  std::string hash;  ///< of the symbols that are learnt from and the bytes of the whole text

  /// The symbols from `place` on, `count` of which must be here, or Error (internal) is thrown.
  const std::int32_t* at(Index place, Index count = 1) const;
  /// Memory that the symbols take.
  double bytes() const;

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

/// What read_text() would find, without keeping it: two passes over the text. The shards of a text depend on
/// what is learnt from it, so there are none here. Throws as read_text().
DataSurvey survey_text(const std::filesystem::path& path, Index limit = 0);

/// Stretches of the text; each .first and .count are places. Throws IoError, too, for characters that the
/// survey has not seen and a text that ends too early.
TextCorpus read_text_part(const std::filesystem::path& path, const DataSurvey& survey,
                          const std::vector<SampleRange>& stretches);

}  // namespace optex
