#include "optex/data/text_corpus.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/content_hash.hpp"

#include <algorithm>
#include <system_error>

#include "line_source.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

// One output a character: beyond this it is no alphabet any more.
constexpr std::size_t largest_vocabulary = 4096;

std::vector<fs::path> text_files(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    const fs::path extension = entry.path().extension();
    if ((extension == ".txt" || extension == ".md") && entry.is_regular_file()) files.push_back(entry.path());
  }
  if (error) throw IoError(fmt::format("{}: {}", path.string(), error.message()));
  if (files.empty()) throw IoError(fmt::format("{}: no .txt or .md file in this folder", path.string()));
  std::sort(files.begin(), files.end());
  return files;
}

/// Appends the code points of valid UTF-8.
void decode(std::string_view text, std::vector<char32_t>& out) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t point = more == 0 ? lead : lead & (0x3FU >> more);
    for (; more > 0; --more) point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    out.push_back(point);
  }
}

}  // namespace

DataDescription TextCorpus::describe() const {
  return {source, std::ssize(symbols), 0, std::ssize(vocabulary), hash};
}

TextCorpus read_text(const fs::path& path, Index limit) {
  if (limit < 0) throw UsageError(fmt::format("data.limit = {}: must be 0 (all) or positive", limit));
  std::vector<char32_t> points;
  std::string bytes;
  for (const fs::path& file : text_files(path)) {
    LineSource lines(file);
    for (std::string_view line; lines.next(line);) {
      decode(line, points);
      points.push_back(U'\n');
      bytes.append(line).push_back('\n');
    }
  }
  TextCorpus corpus;
  corpus.source = path.string();
  corpus.vocabulary = points;
  std::sort(corpus.vocabulary.begin(), corpus.vocabulary.end());
  corpus.vocabulary.erase(std::unique(corpus.vocabulary.begin(), corpus.vocabulary.end()),
                          corpus.vocabulary.end());
  if (corpus.vocabulary.size() < 2)
    throw IoError(fmt::format("{}: {} different characters; a text has at least two", path.string(),
                              corpus.vocabulary.size()));
  if (corpus.vocabulary.size() > largest_vocabulary)
    throw IoError(fmt::format("{}: {} different characters; at most {} are supported", path.string(),
                              corpus.vocabulary.size(), largest_vocabulary));
  if (limit > 0 && limit < std::ssize(points)) points.resize(static_cast<std::size_t>(limit));
  corpus.symbols.reserve(points.size());
  for (const char32_t point : points)
    corpus.symbols.push_back(static_cast<std::int32_t>(
        std::lower_bound(corpus.vocabulary.begin(), corpus.vocabulary.end(), point) -
        corpus.vocabulary.begin()));
  corpus.hash = content_hash({{reinterpret_cast<const std::uint8_t*>(corpus.symbols.data()),
                               corpus.symbols.size() * sizeof(std::int32_t)},
                              {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}});
  return corpus;
}

}  // namespace optex
