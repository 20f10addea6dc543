#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/units.hpp"
#include "optex/methods/run_state.hpp"

#include <vector>

namespace optex {

/// Appends points and their truths to run.history, in the estimator's units. In a box,
/// where steps that are cut off end at the same corner again and again, a point that is in the history
/// already stays out. Cost: one pass over the history for all of them; in a box one and a half for each.
void remember(RunState& run, const std::vector<NewPair>& pairs, const Bounds& bounds, const Units& units);

}  // namespace optex
