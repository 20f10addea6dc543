#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/objective.hpp"
#include "optex/driver/observer.hpp"
#include "optex/driver/stopping.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"
#include "optex/optimizers/learning_rate.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace optex {

/// How a round spends its gradients; docs/method.md explains each.
enum class Strategy {
  automatic,  ///< as rule_choice.hpp says; begins anew when gradients turn out to be noisy
  surrogate,  ///< a model of the Hessian and L-BFGS side by side: smooth functions, exact gradients
  replay,
  sequence,  ///< OptEx for noisy gradients, with any optimiser
  whitened,  ///< schedule-free data parallelism, with the learning rate and Adam's decay rates
  vanilla,   ///< one plain optimiser step a round
  lbfgs,
  anderson,
};

/// What a look at a running minimisation may ask for.
enum class Wish { go_on, checkpoint, stop };

/// What one minimisation does, without any names or files. Every field may be left as it is.
struct MinimizeOptions {
  Index parallelism = 4;  ///< N: gradients side by side in a round
  Strategy strategy = Strategy::automatic;
  double learning_rate = LearningRate().base;  ///< of Adam, or of the strategies with a rule of their own
  std::shared_ptr<const Optimizer> optimizer = nullptr;  ///< instead of Adam with that rate
  Vector start = {};                                     ///< d; empty: the objective's initial_point()
  Bounds bounds = {};                                    ///< none
  /// Converged, where gradients are exact; else, or where that takes longer, a number of rounds.
  StopRules stop = {.iterations = 1000,
                    .gradient_tolerance = StopRules::default_gradient_tolerance,
                    .precision = StopRules::default_precision,
                    .iterations_by_default = true};
  /// For the surrogate. Unset: what the objective of minimize() says, Objective::known_hessian().
  KnownHessian known_hessian = {};
  std::uint64_t seed = 0;
  /// 0: the first iterate that cannot be evaluated (it throws, is infeasible or not finite) ends the run.
  /// Else so many in a row are dropped, and the run goes on as methods/forgiving.hpp says.
  std::int64_t drops = 0;

  /// After every round. What it asks for happens at once: a stop ends the run in good order (reason
  /// "callback"), a checkpoint is a call of on_checkpoint.
  std::function<Wish(const RunState&, const IterationReport&)> on_iteration = {};
  /// Whatever the caller wants to keep: with the RunState a run goes on elsewhere (`resume`). Called when
  /// asked for, every `checkpoint_every` rounds (0: never), and at the end.
  std::function<void(const RunState&)> on_checkpoint = {};
  std::int64_t checkpoint_every = 0;
  std::function<void(const RunState&)> on_start = {};
  std::function<void(const RunState&, const Outcome&)> on_end = {};
  std::vector<Observer*> observers =
      {};  ///< such as those of checkpoint and monitor; called before the above

  /// Goes on from here, bit for bit: what on_checkpoint was given, with the same options.
  std::optional<RunState> resume = std::nullopt;
  /// A method of one's own instead of the strategy.
  std::function<std::unique_ptr<Method>(Evaluator&)> method = {};
};

/// The method that the options describe. `noisy`: the objective says that its answers depend on the sample
/// key. The evaluator must outlive it. Throws UsageError when the options contradict each other.
std::unique_ptr<Method> make_method(Evaluator& evaluator, const MinimizeOptions& options, bool noisy);

/// The options' own, without those that mean nothing for noisy gradients.
StopRules stop_rules_of(const MinimizeOptions& options, bool noisy);

/// The options with what the objective, which must outlive them, knows of its Hessian, unless they say it.
MinimizeOptions knowing(const Objective& objective, const MinimizeOptions& options);

/// Where a run begins, within the bounds: `start`, or the objective's own. Throws UsageError when its length
/// is not d or a number is not finite.
Vector start_of(const MinimizeOptions& options, const Objective& objective);

}  // namespace optex
