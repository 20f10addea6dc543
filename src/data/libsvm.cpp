#include "optex/core/errors.hpp"
#include "optex/data/raw_table.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "line_source.hpp"
#include "read_number.hpp"
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
        fmt::format("label '{}' is no class number; labels are integers such as -1 and +1, or 0, 1, "
                    "2, ...",
                    word));
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

}  // namespace

RawTable read_libsvm(const std::filesystem::path& path, Index limit) {
  LineSource lines(path);
  RawTable table;
  table.source = path.string();
  table.is_sparse = true;
  std::string_view line;
  while (lines.next(line)) {
    line = line.substr(0, line.find('#'));
    const std::string_view label = next_word(line);
    if (label.empty()) continue;
    const bool kept = limit == 0 || std::ssize(table.labels) < limit;
    table.labels.push_back(libsvm_label(lines, label));
    table.lines.push_back(lines.number());
    std::int64_t last = 0;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      const auto [index, value] = libsvm_entry(lines, word);
      if (index <= last)
        lines.refuse(fmt::format("index {} after {}: indices must ascend, each at most once", index, last));
      last = index;
      // The width follows from the whole file, so that a limit does not change the problem's dimension.
      table.features = std::max<Index>(table.features, static_cast<Index>(index));
      if (!kept || value == 0.0) continue;
      table.columns.push_back(static_cast<std::int32_t>(index - 1));
      table.values.push_back(value);
    }
    if (kept) table.starts.push_back(table.values.size());
  }
  if (table.labels.empty()) throw IoError(fmt::format("{}: no samples", table.source));
  if (table.features == 0) throw IoError(fmt::format("{}: no sample has a feature", table.source));
  return table;
}

}  // namespace optex
