#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "line_source.hpp"
#include "read_number.hpp"
#include "row_source.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

/// Cuts the next word off the front; empty at the end.
std::string_view next_word(std::string_view& text) {
  text = without_blanks(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::int64_t libsvm_label(const LineSource& lines, std::string_view word) {
  const auto label = read_number(word);
  if (!label || *label != std::floor(*label) || std::abs(*label) > 1e9)
    lines.refuse(
        fmt::format("label '{}' is no class number; labels are integers such as -1 and +1, or 0, 1, 2, ...{}",
                    printable(word, 40),
                    word.find(',') == std::string_view::npos
                        ? ""
                        : " (it has commas: for a table write data.format = \"csv\")"));
  return static_cast<std::int64_t>(*label);
}

std::pair<std::int64_t, double> libsvm_entry(const LineSource& lines, std::string_view word) {
  const std::size_t colon = word.find(':');
  const auto index = colon == std::string_view::npos ? std::nullopt : read_number(word.substr(0, colon));
  if (!index || *index != std::floor(*index) || std::abs(*index) > 1e15)
    lines.refuse(fmt::format("'{}' is not of the form index:value", word));
  if (*index < 1) lines.refuse(fmt::format("index {} in '{}': indices start at 1", *index, word));
  if (*index > std::numeric_limits<std::int32_t>::max())
    lines.refuse(fmt::format("index {} in '{}' is too large", *index, word));
  const auto value = read_number(word.substr(colon + 1));
  if (!value) lines.refuse(fmt::format("'{}' in '{}' is no number", word.substr(colon + 1), word));
  if (!std::isfinite(*value)) lines.refuse(fmt::format("'{}' is not finite; leave missing values out", word));
  return {static_cast<std::int64_t>(*index), *value};
}

class LibsvmRows final : public RowSource {
 public:
  explicit LibsvmRows(const std::filesystem::path& path) : source_(path.string()), lines_(path) {}

  bool next(RawRow& row) override {
    std::string_view line, label;
    if (!next_line(line, label)) {
      if (rows_ == 0) throw IoError(fmt::format("{}: no samples", source_));
      if (features_ == 0) throw IoError(fmt::format("{}: no sample has a feature", source_));
      return false;
    }
    row.label = libsvm_label(lines_, label);
    row.line = lines_.number();
    columns_.clear();
    values_.clear();
    std::int64_t last = 0;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      const auto [index, value] = libsvm_entry(lines_, word);
      if (index <= last)
        lines_.refuse(fmt::format("index {} after {}: indices must ascend, each at most once", index, last));
      last = index;
      features_ = std::max<Index>(features_, static_cast<Index>(index));
      if (value == 0.0) continue;
      columns_.push_back(static_cast<std::int32_t>(index - 1));
      values_.push_back(value);
    }
    row.values = values_;
    row.columns = columns_;
    return true;
  }

  void skip(Index rows) override {
    std::string_view line, label;
    while (rows > 0 && next_line(line, label)) --rows;
  }

  Index features() const override { return features_; }
  bool is_sparse() const override { return true; }

 private:
  /// The next line that holds a sample: its first word, and what follows.
  bool next_line(std::string_view& line, std::string_view& label) {
    while (lines_.next(line)) {
      line = line.substr(0, line.find('#'));
      label = next_word(line);
      if (label.empty()) continue;
      ++rows_;
      return true;
    }
    return false;
  }

  std::string source_;
  LineSource lines_;
  Index rows_ = 0, features_ = 0;
  std::vector<std::int32_t> columns_;  // of the line at hand
  std::vector<double> values_;
};

}  // namespace

std::unique_ptr<RowSource> open_libsvm(const std::filesystem::path& path) {
  return std::make_unique<LibsvmRows>(path);
}

}  // namespace optex
