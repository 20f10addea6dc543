#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/types.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace optex {

/// Wall time of one round on rank 0 by phase, in seconds.
struct PhaseTimes {
  double fit = 0.0;         ///< estimator
  double chain = 0.0;       ///< proxy updates
  double evaluate = 0.0;    ///< rank 0's own gradients
  double wait = 0.0;        ///< for the other ranks' gradients
  double update = 0.0;      ///< history and acceptance
  double checkpoint = 0.0;  ///< the checkpoint written after the round before this one
  double quality = 0.0;     ///< measuring how good the answer is after this round
};

/// What a round did: one line of metrics.jsonl.
struct IterationReport {
  std::int64_t iteration = 0;  ///< rounds finished, this one included: counts from 1
  double value = std::numeric_limits<double>::quiet_NaN();  ///< F at the iterate the round started from
  double gradient_norm =
      std::numeric_limits<double>::quiet_NaN();                    ///< there; in a box |P(theta - g) - theta|
  double best_value = std::numeric_limits<double>::infinity();     ///< smallest F seen so far
  double lowest_value = std::numeric_limits<double>::quiet_NaN();  ///< smallest F that this round evaluated
  /// By how much F may fall where the method did not dare to go: as long as it is large, an F that rests says
  /// nothing. Infinity where nobody knows.
  double untried_fall = 0.0;
  std::int64_t evaluations = 0;  ///< gradients asked for since the run began
  Index accepted = 1;            ///< optimiser steps that the round took
  Index reach = 0;               ///< depth of the deepest evaluated point
  std::string update;            ///< the rule that made the step: "vanilla", "last", ...
  std::string choice;  ///< when the rule was chosen, not asked for: which and why, in one line; else empty
  double lengthscale = std::numeric_limits<double>::quiet_NaN();  ///< NaN when no estimator was fitted
  double nugget = std::numeric_limits<double>::quiet_NaN();
  std::vector<Index> depths;  ///< s of each point of the chain that was evaluated, ascending
  /// |mu(theta_s) - g_s| / |g_s| at each of the depths, mu the posterior before this round's truth.
  std::vector<double> prediction_error;
  /// mu(theta_s)'g_s / (|mu(theta_s)| |g_s|), the cosine of the angle between prediction and truth, there.
  std::vector<double> prediction_cosine;
  /// Posterior variance at each evaluated depth, in units of the signal variance.
  std::vector<double> prediction_variance;
  std::string winner;  ///< surrogate, of a new best point: "model", "probe", "chain", "guard"; else empty
  Index dropped_points = 0;      ///< points that failed or were not finite, and were left out
  bool iterate_dropped = false;  ///< the iterate was one of them: the round went back (forgiving.hpp)
  std::string failure;           ///< why the first of them failed; empty when it was not finite or none was
  /// How good the answer is after this round, in the problem's own terms; empty when it was not measured.
  std::vector<Measure> quality;
  PhaseTimes seconds_in;
};

}  // namespace optex
