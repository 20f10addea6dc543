#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/units.hpp"
#include "optex/estimation/estimator.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/chain_round.hpp"
#include "optex/methods/method.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <memory>

namespace optex {

/// How a round's true gradients become the next iterate.
enum class UpdateRule {
  last,          ///< one optimiser step from the end of the chain (the paper)
  min_value,     ///< one step from the chain point with the smallest F
  min_gradient,  ///< one step from the chain point with the smallest |grad F|
  sequence,      ///< from the old iterate, one step with each true gradient in chain order
  replay,        ///< walk the chain again with what the truth taught, as far as it holds
};

const char* name_of(UpdateRule rule);

/// OptEx (Shu, Fang, He, Yu, NeurIPS 2024, arXiv 2402.11427): a chain of optimiser steps on predicted
/// gradients, whose points get their true gradients side by side.
///
/// A round: fit the estimator to the history, walk the proxy chain, evaluate N of its points, append the
/// truth to the history, update. Until the estimator is ready a round is exactly one true step.
class Optex final : public Method {
 public:
  struct Options {
    Index parallelism = 4;  ///< N: points evaluated in a round
    Index history = 0;      ///< T0; 0: max(20, 6 N)
    UpdateRule update = UpdateRule::replay;
    Index reach = 512;                     ///< replay: deepest chain depth that is evaluated
    double tolerance = 0.5;                ///< replay: largest relative prediction error that is followed
    Index guard_window = 10;               ///< replay: rounds whose starting values bound what is accepted
    Precision precision = Precision::f64;  ///< of the history
    double quorum = 1.0;  ///< fraction of a round's points after which it may be closed (quorum.hpp)
    std::uint64_t seed = 0;
    Bounds bounds = {};  ///< the optimizer must keep to them
    Units units = {};    ///< in which the estimator measures distances
  };

  Optex(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer,
        std::shared_ptr<const Estimator> estimator, Options options);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;

  static Index default_history(Index parallelism);

 private:
  Index accept_replay(RunState& run, ChainRound& round, double ceiling) const;
  Index accept_sequence(RunState& run, const ChainRound& round) const;
  Index accept_selected(RunState& run, const ChainRound& round) const;

  Evaluator& evaluator_;
  std::shared_ptr<const Optimizer> optimizer_;
  std::shared_ptr<const Estimator> estimator_;
  Options options_;
  ChainRules rules_;
};

}  // namespace optex
