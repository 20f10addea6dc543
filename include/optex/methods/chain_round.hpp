#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/core/units.hpp"
#include "optex/estimation/estimator.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/iteration_report.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/methods/quorum.hpp"
#include "optex/methods/replay.hpp"
#include "optex/methods/run_state.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace optex {

/// What a round along a chain is told besides the state.
struct ChainRules {
  Index parallelism = 4;  ///< N: points evaluated in a round
  double quorum = 1.0;    ///< fraction of a round's points after which it may be closed (quorum.hpp)
  std::uint64_t seed = 0;
  Bounds bounds = {};  ///< the optimizer must keep to them
  Units units = {};    ///< in which the estimator measures distances
};

/// One round along a chain of predicted steps. Here are clocks, keys, early ends, late answers, box, units
/// and the report, so that a method can read like the paper: walk(), close(), remember(), and its own step.
class ChainRound {
 public:
  /// All must outlive this object.
  ChainRound(RunState& run, Evaluator& evaluator, const Optimizer& optimizer, const Estimator& estimator,
             const ChainRules& rules);

  /// Whether the history is enough for a prediction; without it the chain is its first point.
  bool is_ready() const { return ready_; }
  /// Points that may be submitted: N less those that are outstanding.
  Index points() const { return points_; }

  /// mu from H; theta_s = FO-OPT(theta_{s-1}, mu(theta_{s-1})) down to depth `reach`. What is evaluated of
  /// the chain leaves as soon as it stands. keep_states: the optimiser's, at these points.
  void walk(Index reach, bool keep_states);
  /// g_s = grad F(theta_s), side by side. Throws as usable_truth(); the state is then as it was.
  void close();
  /// H <- (theta_s, g_s), the last T0; late ones only where F is at most `ceiling`.
  void remember(double ceiling = std::numeric_limits<double>::infinity());

  const ProxyChain& chain() const { return chain_; }
  const std::vector<Evaluation>& truth() const { return closed_.evaluations; }  ///< one a depth
  const std::vector<bool>& usable() const { return usable_; }
  /// F where the round began.
  double value() const { return closed_.evaluations.front().value; }

  /// Walks the state again, as far as what the truth taught holds (replay.hpp), with the model fitted anew.
  ReplayResult replay_with_truth(double ceiling, double tolerance);

  /// Ends the round, after so many optimiser steps.
  IterationReport report(const char* update, Index accepted);

 private:
  const GradientModel* fit();

  RunState& run_;
  Evaluator& evaluator_;
  const Optimizer& optimizer_;
  const Estimator& estimator_;
  const ChainRules& rules_;
  const bool ready_;
  const Index points_;
  IterationReport report_;
  Stopwatch watch_;
  std::unique_ptr<GradientModel> fitted_, model_;  ///< look into the history; gone before that changes
  ProxyChain chain_;
  Round closed_;
  std::vector<bool> usable_;
  std::vector<LatePair> late_;
};

}  // namespace optex
