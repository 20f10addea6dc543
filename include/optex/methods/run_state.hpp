#pragma once

#include <cstdint>
#include <limits>

#include "optex/core/types.hpp"
#include "optex/estimation/gradient_history.hpp"
#include "optex/optimizers/optimizer.hpp"

namespace optex {

/// Everything that must survive a restart, and nothing else: what is not in here may not influence the next
/// iteration. Held by rank 0, stored by checkpoints, the same for any number of ranks.
struct RunState {
  std::int64_t iteration = 0;    ///< rounds finished
  Vector theta;                  ///< d
  OptimizerState optimizer;      ///< state at theta
  GradientHistory history;       ///< empty (capacity 0) for methods that keep none
  std::int64_t evaluations = 0;  ///< gradients asked for so far
  double seconds = 0.0;          ///< wall time of all rounds so far, over all restarts
  double best_value = std::numeric_limits<double>::infinity();  ///< smallest F seen at an evaluated point
  std::int64_t rounds_without_progress = 0;  ///< for `stop.patience`
};

}  // namespace optex
