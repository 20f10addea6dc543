#include "optex/data/text_corpus.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/utf8.hpp"
#include "optex/files/content_hash.hpp"

#include <algorithm>
#include <span>
#include <string_view>
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

/// Hands each code point of valid UTF-8 to `visit`.
template <class Visit>
void decode(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Utf8Character next = first_character(text);
    visit(next.code);
    text.remove_prefix(next.bytes);
  }
}

/// Hands each line to `visit` until that returns false.
template <class Visit>
void for_each_line(const fs::path& path, Visit visit) {
  for (const fs::path& file : text_files(path)) {
    LineSource lines(file);
    for (std::string_view line; lines.next(line);)
      if (!visit(line)) return;
  }
}

/// Which code points there are: one bit for each.
class Alphabet {
 public:
  Alphabet() : seen_(0x110000, false) {}
  void add(char32_t point) { seen_[point] = true; }

  /// Throws IoError when these are not the characters of a text.
  std::vector<char32_t> vocabulary(const fs::path& path) const {
    std::vector<char32_t> points;
    for (std::size_t point = 0; point < seen_.size(); ++point)
      if (seen_[point]) points.push_back(static_cast<char32_t>(point));
    if (points.size() < 2)
      throw IoError(
          fmt::format("{}: {} different characters; a text has at least two", path.string(), points.size()));
    if (points.size() > largest_vocabulary)
      throw IoError(fmt::format("{}: {} different characters; at most {} are supported", path.string(),
                                points.size(), largest_vocabulary));
    return points;
  }

 private:
  std::vector<bool> seen_;
};

/// The place of each code point in a vocabulary; -1 for those that are not in it.
std::vector<std::int32_t> symbol_table(const std::vector<char32_t>& vocabulary) {
  std::vector<std::int32_t> table(static_cast<std::size_t>(vocabulary.back()) + 1, -1);
  for (std::size_t i = 0; i < vocabulary.size(); ++i) table[vocabulary[i]] = static_cast<std::int32_t>(i);
  return table;
}

void check_limit(Index limit) {
  if (limit < 0) throw UsageError(fmt::format("data.limit = {}: must be 0 (all) or positive", limit));
}

/// The text once more, as symbols of a known vocabulary: `visit(place, symbol)` until that returns false.
template <class Visit>
void for_each_symbol(const fs::path& path, const std::vector<char32_t>& vocabulary, Visit visit) {
  const std::vector<std::int32_t> table = symbol_table(vocabulary);
  Index place = 0;
  for_each_line(path, [&](std::string_view line) {
    bool more = true;
    const auto take = [&](char32_t point) {
      if (!more) return;
      const std::int32_t symbol = point < table.size() ? table[point] : -1;
      if (symbol < 0) throw IoError(fmt::format("{}: has changed while it was read", path.string()));
      more = visit(place++, symbol);
    };
    decode(line, take);
    take(U'\n');
    return more;
  });
}

}  // namespace

const std::int32_t* TextCorpus::at(Index place, Index count) const {
  for (const Stretch& stretch : stretches) {
    const Index from = place - stretch.first;
    if (from >= 0 && from + count <= std::ssize(stretch.symbols)) return stretch.symbols.data() + from;
  }
  throw Error(ExitCode::internal, fmt::format("character {} of the text is not on this rank", place));
}

double TextCorpus::bytes() const {
  double bytes = 0.0;
  for (const Stretch& stretch : stretches) bytes += 4.0 * static_cast<double>(stretch.symbols.size());
  return bytes;
}

DataDescription TextCorpus::describe() const { return {source, length, 0, std::ssize(vocabulary), hash}; }

DataSurvey survey_text(const fs::path& path, Index limit) {
  check_limit(limit);
  DataSurvey survey;
  DataDescription& data = survey.description;
  data.source = path.string();
  Alphabet alphabet;
  for_each_line(path, [&](std::string_view line) {
    decode(line, [&](char32_t point) {
      alphabet.add(point);
      ++data.samples;
    });
    alphabet.add(U'\n');
    ++data.samples;
    return true;
  });
  survey.vocabulary = alphabet.vocabulary(path);
  data.classes = std::ssize(survey.vocabulary);
  if (limit > 0) data.samples = std::min(limit, data.samples);

  ContentHasher hasher;
  for_each_symbol(path, survey.vocabulary, [&](Index place, std::int32_t symbol) {
    if (place >= data.samples) return false;
    hasher.add(std::span(&symbol, 1));
    return true;
  });
  for_each_line(path, [&](std::string_view line) {
    hasher.add(line);
    hasher.add(std::string_view("\n"));
    return true;
  });
  data.hash = hasher.text();
  return survey;
}

TextCorpus read_text_part(const fs::path& path, const DataSurvey& survey,
                          const std::vector<SampleRange>& stretches) {
  const DataDescription& data = survey.description;
  TextCorpus corpus;
  corpus.source = data.source;
  corpus.vocabulary = survey.vocabulary;
  corpus.length = data.samples;
  corpus.is_whole = false;
  corpus.hash = data.hash;
  Index last = 0;
  for (const SampleRange& range : stretches) {
    corpus.stretches.push_back({range.first, {}});
    corpus.stretches.back().symbols.reserve(static_cast<std::size_t>(range.count));
    last = std::max(last, range.end());
  }
  if (last > 0)
    for_each_symbol(path, survey.vocabulary, [&](Index place, std::int32_t symbol) {
      for (std::size_t i = 0; i < stretches.size(); ++i)
        if (place >= stretches[i].first && place < stretches[i].end())
          corpus.stretches[i].symbols.push_back(symbol);
      return place + 1 < last;
    });
  for (std::size_t i = 0; i < stretches.size(); ++i)
    if (std::ssize(corpus.stretches[i].symbols) != stretches[i].count)
      throw IoError(
          fmt::format("{}: is shorter than the text that rank 0 has read; all ranks must see the same "
                      "file",
                      path.string()));
  return corpus;
}

TextCorpus read_text(const fs::path& path, Index limit) {
  const DataSurvey survey = survey_text(path, limit);
  TextCorpus corpus = read_text_part(path, survey, {{0, survey.description.samples}});
  corpus.is_whole = true;
  return corpus;
}

}  // namespace optex
