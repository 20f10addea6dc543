#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// When several gradients side by side are worth more than one gradient that is spread over the same ranks.
namespace optex {

/// A method's rounds to a target, and how many gradients each of them has.
struct RoundsOf {
  std::string label;
  double rounds = 0.0;
  Index points = 1;
  std::int64_t ranks = 1;  ///< on which it ran; 1: not known how it would be on several
};

/// The smallest share of a gradient's time, of what more ranks cannot make shorter, from which on `many`
/// needs less time than `one` on so many ranks; nothing when it never does. A gradient on k ranks takes s +
/// (1 - s) / k of its time on one (Amdahl, 1967); N points on P >= N ranks have P / N ranks each, on fewer
/// they take ceil(N / P) times a whole gradient. What rank 0 computes between rounds is not counted.
std::optional<double> break_even_share(const RoundsOf& many, const RoundsOf& one, int ranks);

/// The same in words.
std::string break_even_line(const RoundsOf& many, const RoundsOf& one, int ranks);

/// The same of the first with several gradients side by side and the first with one, on the ranks of the
/// former or, where there was one, on as many as it has gradients. Empty unless there are both.
std::string break_even_of(const std::vector<RoundsOf>& cheapest_first);

}  // namespace optex
