#include "label_rule.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace optex {

void LabelStatistics::add(std::int64_t label, std::int64_t line) {
  ++count;
  smallest = std::min(smallest, label);
  if (label > largest) {
    largest = label;
    line_of_largest = line;
  }
  only_signs = only_signs && (label == -1 || label == 1);
}

std::int32_t LabelRule::class_of(std::int64_t label, const std::string& file, std::int64_t line) const {
  const std::int64_t from_first = label - smallest;
  if (from_first < 0 || from_first % step != 0 || from_first / step >= classes)
    throw IoError(fmt::format(
        "{}:{}: label {} is out of range: the labels of the training data are {}{} to {}", file, line, label,
        smallest, step == 2 ? " and +1, so from -1" : "", smallest + step * (classes - 1)));
  return static_cast<std::int32_t>(from_first / step);
}

LabelRule label_rule(const LabelStatistics& labels, Index classes, const std::string& file) {
  if (classes == 0 && labels.smallest == labels.largest)
    throw IoError(
        fmt::format("{}: all labels are {}: there is nothing to tell apart (is the label in another column? "
                    "data.classes can say how many classes there are)",
                    file, labels.largest));
  if (labels.smallest == -1 && labels.only_signs) return {-1, 2, classes == 0 ? 2 : classes};
  LabelRule rule{labels.smallest == 1 ? 1 : 0, 1, classes};
  if (classes > 0) return rule;
  rule.classes = std::max<Index>(labels.largest - rule.smallest + 1, 2);
  if (rule.classes > std::max<Index>(labels.count, 2))
    throw IoError(
        fmt::format("{}:{}: label {}: more classes than samples; labels must be 0, 1, 2, ... or -1 and "
                    "+1 (data.classes can say how many classes there are)",
                    file, labels.line_of_largest, labels.largest));
  return rule;
}

}  // namespace optex
