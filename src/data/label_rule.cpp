#include "label_rule.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace optex {

void LabelStatistics::add(std::int64_t label, std::int64_t line) {
  if (count > 0 && label != smallest && label != largest && smallest != largest) only_two = false;
  ++count;
  smallest = std::min(smallest, label);
  if (label > largest) {
    largest = label;
    line_of_largest = line;
  }
}

std::int32_t LabelRule::class_of(std::int64_t label, const std::string& file, std::int64_t line) const {
  const std::int64_t from_first = label - smallest;
  if (from_first < 0 || from_first % step != 0 || from_first / step >= classes)
    throw IoError(
        fmt::format("{}:{}: label {} is out of range: the labels of the training data are {} {} {}{}; "
                    "data.classes can say how many classes there are",
                    file, line, label, smallest, classes == 2 ? "and" : "to", smallest + step * (classes - 1),
                    step > 1 && classes > 2 ? fmt::format(" in steps of {}", step) : ""));
  return static_cast<std::int32_t>(from_first / step);
}

LabelRule label_rule(const LabelStatistics& labels, Index classes, const std::string& file) {
  if (classes == 0 && labels.smallest == labels.largest)
    throw IoError(
        fmt::format("{}: all labels are {}: there is nothing to tell apart (is the label in another column? "
                    "data.classes can say how many classes there are)",
                    file, labels.largest));
  const std::int64_t span = labels.largest - labels.smallest;
  const bool signs = labels.smallest == -1 && labels.only_two && span == 2;
  const bool counted = labels.smallest == 0 || labels.smallest == 1;
  if (signs || (classes == 0 && labels.only_two && !counted))
    return {labels.smallest, span, classes == 0 ? 2 : classes};
  LabelRule rule{labels.smallest, 1, classes};
  if (classes > 0) {
    if (labels.smallest >= 0 && labels.smallest != 1 && labels.largest < classes) rule.smallest = 0;
    return rule;
  }
  rule.classes = span + 1;
  if (rule.classes > std::max<Index>(labels.count, 2))
    throw IoError(
        fmt::format("{}:{}: label {}: more classes than samples; labels are numbers in a row, such as 0, "
                    "1, 2, ... (data.classes can say how many classes there are)",
                    file, labels.line_of_largest, labels.largest));
  return rule;
}

}  // namespace optex
