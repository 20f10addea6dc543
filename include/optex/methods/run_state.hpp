#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/gradient_history.hpp"
#include "optex/methods/line_search.hpp"
#include "optex/methods/outstanding_points.hpp"
#include "optex/methods/secant_pairs.hpp"
#include "optex/methods/surrogate_box.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <limits>
#include <string>

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
  std::int64_t rounds_without_progress = 0;                     ///< for `stop.patience`
  Index reach = 0;      ///< replay: depth of the deepest evaluated point, 0 before the first round
  Vector guard_values;  ///< replay: F at the start of the last rounds, oldest first, at most guard_window of
                        ///< them
  /// The best evaluated point, d: the start as long as best_value is infinite. Empty in runs that keep none
  /// (KeepingBest): those with noisy gradients.
  Vector best_theta;
  Vector best_gradient;          ///< surrogate, lbfgs: its true gradient, d
  Matrix ring;                   ///< whitened: the last centred gradients, d x k, in the order of their slots
  std::int64_t ring_pushes = 0;  ///< whitened: gradients that ever entered the ring
  Vector average;                ///< iterate averaging: the answer, d; empty without
  std::string regime;    ///< auto: "exact" or "noisy" once it has been decided; empty before and without
  SecantPairs secants;   ///< lbfgs, anderson: the last differences
  Vector base_theta;     ///< anderson: the last iterate that was kept, d; empty before the first round
  Vector base_gradient;  ///< lbfgs, anderson: true gradient there (lbfgs: at theta), d; empty before
  double base_value = std::numeric_limits<double>::infinity();  ///< lbfgs, anderson: F there
  Vector direction;                                             ///< lbfgs: of the line search, d
  LineSearch line_search;                                       ///< lbfgs
  std::int64_t extrapolated = 0;  ///< anderson: 1 when theta came from a combination, 0 from a plain step
  Vector objective_state;         ///< of an objective that moves (Objective::initial_state()); else empty
  Vector good_theta;  ///< forgiving: the last iterate that could be evaluated, d; empty before and without
  double good_value = std::numeric_limits<double>::infinity();  ///< forgiving: F there
  std::int64_t dropped_iterates = 0;                            ///< forgiving: since then
  OutstandingPoints outstanding;  ///< that rounds were closed without; empty unless failure.quorum < 1
  /// What the last round reported, for `stop.gradient_norm`; NaN before the first one.
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();
  double first_gradient_norm = std::numeric_limits<double>::quiet_NaN();  ///< the first one that was finite
  /// The best value when `rounds_without_progress` was last 0; infinite before the first round.
  double progress_value = std::numeric_limits<double>::infinity();
  SurrogateBox surrogate;  ///< surrogate: its own state; empty before the first round and without
};

}  // namespace optex
