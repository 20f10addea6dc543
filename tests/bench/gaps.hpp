#pragma once

#include "optex/core/objective.hpp"
#include "optex/methods/method.hpp"

#include <functional>
#include <limits>
#include <string>
#include <utility>

namespace optex::bench {

/// A gap that is not met.
constexpr int never = std::numeric_limits<int>::max();

/// Rounds to a loose and to a tight value of F.
using Hits = std::pair<int, int>;
using Gaps = std::pair<double, double>;

/// The start of the given number: theta itself for 0, else 1e-12 standard normal away from it.
Vector perturbed(Vector theta, int start);

/// Runs a method from theta until F is at most the tight gap, `rounds` times at most. F is that of the
/// iterate, or the best value where the method keeps the best point. A run that diverges meets no further
/// gap.
Hits rounds_to_gaps(Method& method, const Objective& objective, ConstVectorRef theta, const Gaps& gaps,
                    int rounds, bool keeps_best);

/// Medians over so many starts of what `run(start)` returns.
Hits median_hits(int starts, const std::function<Hits(int)>& run);

/// "12/34", "-" for never.
std::string text_of(const Hits& hits);

}  // namespace optex::bench
