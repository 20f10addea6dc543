#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace optex {

/// What the labels of a file have in common.
struct LabelStatistics {
  Index count = 0;
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  std::int64_t largest = std::numeric_limits<std::int64_t>::min();
  std::int64_t line_of_largest = 0;
  bool only_two = true;  ///< no more than two different ones

  void add(std::int64_t label, std::int64_t line);
};

/// How the labels of a file become class numbers.
struct LabelRule {
  std::int64_t smallest = 0;  ///< label of class 0
  std::int64_t step = 1;      ///< between the labels of neighbouring classes
  Index classes = 2;

  /// The class of a label that stands in FILE:LINE. Throws IoError when it has none.
  std::int32_t class_of(std::int64_t label, const std::string& file, std::int64_t line) const;
};

/// classes: how many there are; 0: as the labels say (see load_labelled()). Throws IoError for more classes
/// than samples.
LabelRule label_rule(const LabelStatistics& labels, Index classes, const std::string& file);

}  // namespace optex
