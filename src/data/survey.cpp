#include "optex/data/survey.hpp"

#include "optex/core/errors.hpp"

#include <charconv>
#include <type_traits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

/// Fields one a line; texts as they are, numbers in the fewest digits that give them back.
class SurveyLines {
 public:
  explicit SurveyLines(std::string_view text) : rest_(text) {}

  std::string text() { return std::string(line()); }

  template <class Number>
  Number number() {
    return parse<Number>(line());
  }

  /// Numbers with blanks between them.
  template <class Number>
  std::vector<Number> numbers() {
    std::vector<Number> values;
    for (std::string_view words = line(); !words.empty();) {
      const std::size_t end = std::min(words.find(' '), words.size());
      values.push_back(parse<Number>(words.substr(0, end)));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    return values;
  }

 private:
  [[noreturn]] static void refuse() { throw Error(ExitCode::internal, "the survey of the data is garbled"); }

  std::string_view line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) refuse();
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }

  template <class Number>
  static Number parse(std::string_view word) {
    Number value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) refuse();
    return value;
  }

  std::string_view rest_;
};

}  // namespace

SampleRange DataSurvey::samples_of(const ShardSpan& span) const {
  if (span.first >= span.end) return {};
  const auto count = std::ssize(shards);
  const Index first = shard_range(description.samples, count, span.first).first;
  return {first, shard_range(description.samples, count, span.end - 1).end() - first};
}

std::string to_text(const DataSurvey& survey) {
  const DataDescription& data = survey.description;
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", data.source, data.samples, data.features,
                  data.classes, data.hash, survey.smallest_label, survey.label_step,
                  fmt::join(survey.mean, " "), fmt::join(survey.deviation, " "));
  const std::vector<std::uint32_t> characters(survey.vocabulary.begin(), survey.vocabulary.end());
  text += fmt::format("{}\n{}\n", fmt::join(characters, " "), survey.shards.size());
  for (const DataSurvey::Shard& shard : survey.shards)
    text += fmt::format("{}\n{}\n", shard.hash, shard.bytes);
  return text;
}

DataSurvey survey_of(std::string_view text) {
  SurveyLines lines(text);
  DataSurvey survey;
  DataDescription& data = survey.description;
  data.source = lines.text();
  data.samples = lines.number<Index>();
  data.features = lines.number<Index>();
  data.classes = lines.number<Index>();
  data.hash = lines.text();
  survey.smallest_label = lines.number<std::int64_t>();
  survey.label_step = lines.number<std::int64_t>();
  survey.mean = lines.numbers<double>();
  survey.deviation = lines.numbers<double>();
  for (const std::uint32_t character : lines.numbers<std::uint32_t>())
    survey.vocabulary.push_back(static_cast<char32_t>(character));
  const auto shards = lines.number<Index>();
  for (Index shard = 0; shard < shards; ++shard) {
    std::string hash = lines.text();
    survey.shards.push_back({std::move(hash), lines.number<double>()});
  }
  return survey;
}

void check_against(const DataSurvey& survey, Index shard, const std::string& hash) {
  if (survey.shards[static_cast<std::size_t>(shard)].hash == hash) return;
  throw IoError(fmt::format(
      "{}: the samples of shard {} are not those that rank 0 has read; all ranks must see the same "
      "file, and nobody may change it during a run",
      survey.description.source, shard));
}

}  // namespace optex
