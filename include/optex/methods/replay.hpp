#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/types.hpp"
#include "optex/estimation/gradient_model.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/run_state.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <vector>

namespace optex {

/// What replay knows of the round's truth.
struct ReplayInput {
  const std::vector<Index>& depths;
  const std::vector<Evaluation>& truth;
  const std::vector<bool>& usable;  ///< per depth: value and gradient are finite
  double ceiling =
      0.0;  ///< largest value a point may have (non-monotone guard: Grippo, Lampariello, Lucidi 1986)
  double tolerance = 0.5;   ///< largest relative error of the prediction at an evaluated depth
  Index chain_entries = 0;  ///< so many of the history's newest entries are the usable ones of `truth`, in
                            ///< its order; 0: unknown
  Bounds bounds = {};       ///< whose held coordinates are not judged
};

struct ReplayResult {
  Index accepted = 0;        ///< optimiser steps taken
  bool whole = false;        ///< every evaluated depth was admissible
  bool complete = false;     ///< walked as far as it was allowed to
  double worst_error = 0.0;  ///< largest relative prediction error met
};

/// Walks again from (theta, state), in place, with the model fitted to the new truth: depth 0 steps with the
/// true gradient, deeper ones with mu'(y). Stops on arriving at an evaluated depth where
///   sqrt(max(0, |mu'(y) - g_s|^2 - E)) / |g_s| > tolerance,  E the model's noise energy,
/// where coordinates that a limit holds against -mu' or -g_s count as 0 there: they do not move, and their
/// large gradients would hide what is wrong with those that do. It stops as well
/// at the first one that is inadmissible (not finite, or F above the ceiling). If all are admissible it
/// goes past the deepest by the last spacing. `model` may be null: then exactly one true step is taken. A
/// long walk of a rule that is linear in the gradients goes by coefficients (SpanWalk) when chain_entries
/// says which entries are whose.
ReplayResult replay(VectorRef theta, OptimizerState& state, const GradientModel* model,
                    const Optimizer& optimizer, const ReplayInput& input);

struct ReachRule {
  Index points = 1;        ///< on the chain; the reach is at least points - 1
  Index largest = 512;     ///< what it may grow to
  double tolerance = 0.5;  ///< largest relative error that a replay follows
};

/// The reach of the next round: twice as long (up to max(largest, points - 1)) after a complete
/// replay with all errors below 0.3 tolerance, the same after any other complete one, and twice the accepted
/// steps otherwise.
Index next_reach(Index reach, const ReachRule& rule, const ReplayResult& result);

}  // namespace optex
