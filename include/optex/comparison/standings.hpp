#pragma once

#include "optex/comparison/run_record.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

/// Who came somewhere at which cost (rounds, gradients, wall time), and the sentence about it: the same ones
/// in the terminal, in compare.json and on the page of a report.
namespace optex {

/// Over the seeds; a run that did not come there counts as infinite.
struct Spread {
  double median = std::numeric_limits<double>::infinity();
  double smallest = std::numeric_limits<double>::infinity();
  double largest = std::numeric_limits<double>::infinity();
};

/// Of at least one number; the median of an even count is the mean of the middle two.
Spread spread_of(std::vector<double> numbers);

/// What a way to a target is counted in.
enum class Cost { rounds, gradients, wall };
inline constexpr std::array<Cost, 3> all_costs = {Cost::rounds, Cost::gradients, Cost::wall};
/// "rounds", "gradients", "wall time".
std::string_view cost_name(Cost cost);

/// What it took some runs to reach a target; one that did not counts as infinite.
struct Reach {
  std::size_t reached = 0;  ///< runs that did
  Spread rounds, evaluations, seconds;

  const Spread& of(Cost cost) const;
  /// Nobody did anything for it.
  bool is_at_start() const { return rounds.median == 0.0; }
};

/// Of where each run was there first; null for those that never were.
Reach reach_of(const std::vector<const CurvePoint*>& firsts);

struct Place {
  std::string label;
  Spread cost;
};

/// Those whose median came there at all, the cheapest first. None where somebody's start is there already:
/// such a target tells nobody from the others.
std::vector<Place> ranked(std::vector<Place> places);

/// The first of those that were ranked; several when they tie.
std::vector<std::string> winners(const std::vector<Place>& ranked);

/// "By rounds to F <= 1: a wins with 2; next is b with 4, 2 times that". At least one is ranked.
std::string verdict_line(const std::vector<Place>& ranked, Cost by, std::string_view target);

/// The smallest number of so many significant digits that is not below `x`: a target that is what is shown.
double rounded_up(double x, int digits);

}  // namespace optex
