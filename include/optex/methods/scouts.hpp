#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/units.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/run_state.hpp"

#include <cstdint>

namespace optex {

struct ScoutInput {
  const HistoryInUnits& history;  ///< run.history, in the units in which the scouts are to be placed
  const Posterior& posterior;     ///< fitted to it
  const Matern52& kernel;
  Index parallelism = 0;
  Index wanted = 0;     ///< scouts in all
  Index newcomers = 0;  ///< entries that the last round added to the history
  std::uint64_t seed = 0;
  Bounds bounds = {};
  Units units = {};  ///< in which run.history is stored
};

/// Track 2 of two_track: points that look where the optimiser would not, prepared for the next round about
/// the best evaluated point b.
///
/// First Newton points b + p with relative damping lambda = 1e-9, 1, 0.1, 10 (as many as run.newton_points),
/// kept if finite and downhill, shortened to 4 max_i |theta_i - b|. Then, with 4 or more points a round,
/// probes b +- 0.3 |p_1| v downhill along v: leading directions of the last round's divided differences
/// outside the explored span, then random signs of g_b outside it. All lengths are in the units of the view.
/// In a box every point is projected, and left out when that leaves b itself or a direction uphill. Writes
/// run.scouts and run.scout_dampings. Cost: one pass over the history a Newton point, a few a probe; the rest
/// is n x n.
void place_scouts(RunState& run, const ScoutInput& input);

/// Relative dampings in the order in which they are tried; the first is the plain Newton step.
inline constexpr double scout_damping_order[] = {1e-9, 1.0, 0.1, 10.0};

}  // namespace optex
