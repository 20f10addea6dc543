#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/units.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/run_state.hpp"

namespace optex {

/// Appends a point and its truth to run.history, in the estimator's units. In a box, where steps that are cut
/// off end at the same corner again and again, a point that is in the history already stays out: false.
bool remember(RunState& run, ConstVectorRef theta, const Evaluation& truth, const Bounds& bounds,
              const Units& units);

}  // namespace optex
