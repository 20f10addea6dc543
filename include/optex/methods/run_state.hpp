#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/gradient_history.hpp"
#include "optex/methods/best_point.hpp"
#include "optex/methods/good_point.hpp"
#include "optex/methods/noisy_state.hpp"
#include "optex/methods/outstanding_points.hpp"
#include "optex/methods/progress.hpp"
#include "optex/methods/replay_state.hpp"
#include "optex/methods/secant_state.hpp"
#include "optex/methods/surrogate_box.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <string>

namespace optex {

/// Everything that must survive a restart, and nothing else: what is not in here may not influence the next
/// iteration. Held by rank 0, stored by checkpoints, the same for any number of ranks. What a mechanism keeps
/// is a struct beside its code; it is empty in runs without.
struct RunState {
  std::int64_t iteration = 0;    ///< rounds finished
  Vector theta;                  ///< d
  OptimizerState optimizer;      ///< state at theta
  GradientHistory history;       ///< empty (capacity 0) for methods that keep none
  std::int64_t evaluations = 0;  ///< gradients asked for so far
  double seconds = 0.0;          ///< wall time of all rounds so far, over all restarts
  BestPoint best;
  Progress progress;
  ReplayState replay;
  NoisyState noisy;
  std::string regime;  ///< auto: "exact" or "noisy" once it has been decided; empty before and without
  SecantState secants;
  Vector objective_state;  ///< of an objective that moves (Objective::initial_state()); else empty
  GoodPoint good;
  OutstandingPoints outstanding;  ///< that rounds were closed without; empty unless failure.quorum < 1
  SurrogateBox surrogate;
};

}  // namespace optex
