#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/iteration_report.hpp"
#include "optex/methods/run_state.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace optex {

/// N gradients at one point, each on a mini-batch of its own.
struct MeanGradient {
  Vector gradient;            ///< their mean, d
  std::vector<Vector> parts;  ///< the usable ones
};

/// Evaluates `theta` N times with keys (seed, iteration, point 0 .. N-1) and books the round: the value is
/// the mean of the values, the gradient norm that of the mean, projected. What is left to be done with the
/// answers counts as seconds_in.update. Throws as usable_truth(): `any_batch`: when none of them is usable;
/// else when the first one is not.
MeanGradient evaluate_mean(Evaluator& evaluator, const std::shared_ptr<const Vector>& theta,
                           Index parallelism, std::uint64_t seed, const Bounds& bounds, bool any_batch,
                           RunState& run, IterationReport& report);

}  // namespace optex
