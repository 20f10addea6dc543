#pragma once

#include "optex/core/types.hpp"

#include <optional>
#include <string>

/// When several gradients side by side are worth more than one gradient that is spread over the same ranks.
namespace optex {

/// A method's rounds to a target, and how many gradients each of them has.
struct RoundsOf {
  std::string label;
  double rounds = 0.0;
  Index points = 1;
};

/// The smallest share of a gradient's time, of what more ranks cannot make shorter, from which on `many`
/// needs less time than `one` on so many ranks; nothing when it never does. A gradient on k ranks takes s +
/// (1 - s) / k of its time on one (Amdahl, 1967); N points on P >= N ranks have P / N ranks each, on fewer
/// they take ceil(N / P) times a whole gradient. What rank 0 computes between rounds is not counted.
std::optional<double> break_even_share(const RoundsOf& many, const RoundsOf& one, int ranks);

/// The same in words.
std::string break_even_line(const RoundsOf& many, const RoundsOf& one, int ranks);

}  // namespace optex
