#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/units.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/method.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <memory>

namespace optex {

/// Replay on part of the points, scouts on the rest: the rule for exact gradients when workers abound.
///
/// Track 1 is replay (replay.hpp) with a linear trend in the prior mean, from the second round on. Track 2
/// puts its points about the best evaluated point b: damped Newton points of the posterior mean and probes of
/// unexplored directions (scouts.hpp). The tracks share one history. The share of track 2 grows when it finds
/// the new best value and shrinks when it does not; it rests while the gradients look noisy or N < 3. The
/// answer is the better of the replay's end and b, which is why RunState keeps both.
///
/// Scouts are placed in the history's own length units or in balanced ones, whichever let them lower the best
/// value by more when it was last tried; each is tried once at the beginning.
class TwoTrack final : public Method {
 public:
  struct Options {
    Index parallelism = 4;                     ///< N: points evaluated in a round
    Index history = 0;                         ///< T0; 0: max(60, 6 N)
    Index reach = 512;                         ///< deepest chain depth that is evaluated
    double tolerance = 0.5;                    ///< largest relative prediction error that replay follows
    Index guard_window = 10;                   ///< rounds whose starting values bound what is accepted
    HyperparameterRules hyperparameters = {};  ///< of the Matern 5/2 kernel; linear_trend is always used
    Precision precision = Precision::f64;      ///< of the history
    bool balance = true;                       ///< place scouts in balanced units too (balanced_units.hpp)
    double quorum = 1.0;  ///< fraction of a round's points after which it may be closed (quorum.hpp)
    std::uint64_t seed = 0;
    Bounds bounds = {};  ///< the optimizer must keep to them; points off the chain are projected
    Units units = {};    ///< in which the estimator and track 2 measure distances
  };

  TwoTrack(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer, Options options);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  bool stands_at_best(const RunState&) const override { return true; }

  static Index default_history(Index parallelism);

 private:
  std::unique_ptr<Posterior> fit(const HistoryInUnits& history) const;
  void measure_in_balanced_units(RunState& run, Index newcomers) const;
  void scout(RunState& run, const Posterior& posterior, Index newcomers, bool newton_won) const;

  Evaluator& evaluator_;
  std::shared_ptr<const Optimizer> optimizer_;
  std::shared_ptr<const Matern52> kernel_ = std::make_shared<Matern52>();
  Options options_;
};

}  // namespace optex
