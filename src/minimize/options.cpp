#include "optex/minimize/options.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/anderson.hpp"
#include "optex/methods/automatic.hpp"
#include "optex/methods/forgiving.hpp"
#include "optex/methods/keeping_best.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/rule_choice.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/surrogate.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"

#include <string>
#include <utility>

namespace optex {
namespace {

std::shared_ptr<const Optimizer> optimizer_of(const MinimizeOptions& options) {
  std::shared_ptr<const Optimizer> optimizer = options.optimizer;
  if (!optimizer)
    optimizer = std::make_shared<Adam>(Adam::Options{.learning_rate = LearningRate(options.learning_rate)});
  if (!options.bounds.none()) optimizer = std::make_shared<Projected>(std::move(optimizer), options.bounds);
  return optimizer;
}

std::unique_ptr<Method> optex_method(Evaluator& evaluator, const MinimizeOptions& options, UpdateRule rule) {
  Optex::Options details;
  details.parallelism = options.parallelism;
  details.update = rule;
  details.seed = options.seed;
  details.bounds = options.bounds;
  return std::make_unique<Optex>(
      evaluator, optimizer_of(options),
      std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                        HyperparameterRules{}),
      details);
}

std::unique_ptr<Method> strategy_method(Evaluator& evaluator, const MinimizeOptions& options,
                                        Strategy strategy) {
  switch (strategy) {
    case Strategy::automatic:
      break;
    case Strategy::surrogate:
      if (options.parallelism == 1)
        return std::make_unique<Lbfgs>(evaluator, Lbfgs::Options{.memory = Surrogate::guard_memory,
                                                                 .bounds = options.bounds,
                                                                 .seed = options.seed});
      return std::make_unique<Surrogate>(evaluator,
                                         Surrogate::Options{.parallelism = options.parallelism,
                                                            .seed = options.seed,
                                                            .bounds = options.bounds,
                                                            .known_hessian = options.known_hessian});
    case Strategy::replay:
      return optex_method(evaluator, options, UpdateRule::replay);
    case Strategy::sequence:
      return optex_method(evaluator, options, UpdateRule::sequence);
    case Strategy::whitened: {
      Whitened::Options details;
      details.parallelism = options.parallelism;
      details.learning_rate = options.learning_rate;
      details.seed = options.seed;
      details.bounds = options.bounds;
      return std::make_unique<Whitened>(evaluator, details);
    }
    case Strategy::vanilla:
      return std::make_unique<Sequential>(evaluator, optimizer_of(options), 1, options.seed, options.bounds);
    case Strategy::lbfgs:
      return std::make_unique<Lbfgs>(evaluator,
                                     Lbfgs::Options{.bounds = options.bounds, .seed = options.seed});
    case Strategy::anderson: {
      Anderson::Options details;
      details.learning_rate = options.learning_rate;
      details.seed = options.seed;
      details.bounds = options.bounds;
      return std::make_unique<Anderson>(evaluator, details);
    }
  }
  return nullptr;  // automatic: its own function
}

Strategy strategy_of(ChosenRule rule) {
  switch (rule) {
    case ChosenRule::surrogate:
      return Strategy::surrogate;
    case ChosenRule::replay:
      return Strategy::replay;
    case ChosenRule::whitened:
      return Strategy::whitened;
    case ChosenRule::sequence:
      return Strategy::sequence;
  }
  return Strategy::replay;
}

std::unique_ptr<Method> automatic(Evaluator& evaluator, const MinimizeOptions& options, bool noisy) {
  const RunTraits run{.dimension = evaluator.dimension(), .plain_adam = options.optimizer == nullptr};
  const auto candidate = [&options](const RuleChoice& choice) {
    const Strategy strategy = strategy_of(choice.rule);
    return Automatic::Candidate{
        [&options, strategy](Evaluator& inner) { return strategy_method(inner, options, strategy); },
        std::string("automatic takes ") + name_of(choice.rule) + ": " + choice.why};
  };
  const Automatic::Candidate for_noisy = candidate(rule_for_noisy_gradients(run));
  if (noisy) return std::make_unique<Automatic>(evaluator, for_noisy);
  return std::make_unique<Automatic>(evaluator, candidate(rule_for_exact_gradients(run)), for_noisy);
}

std::unique_ptr<Method> plain_method(Evaluator& evaluator, const MinimizeOptions& options, bool noisy) {
  if (options.method) return options.method(evaluator);
  if (options.parallelism < 1)
    throw UsageError("parallelism must be at least 1, found " + std::to_string(options.parallelism));
  if (!(options.learning_rate > 0.0))
    throw UsageError("learning_rate must be above 0, found " + std::to_string(options.learning_rate));
  const Strategy strategy = options.strategy;
  if (noisy &&
      (strategy == Strategy::lbfgs || strategy == Strategy::anderson || strategy == Strategy::surrogate))
    throw UsageError(
        "surrogate, lbfgs and anderson need exact gradients, the objective says that its own are noisy");
  if (strategy == Strategy::whitened && options.optimizer)
    throw UsageError("whitened has an update rule of its own: give it a learning_rate, not an optimizer");
  if (strategy == Strategy::automatic) return automatic(evaluator, options, noisy);
  return strategy_method(evaluator, options, strategy);
}

std::unique_ptr<Method> plain_or_forgiving(Evaluator& evaluator, const MinimizeOptions& options,
                                           const Forgiving::Builder& plain) {
  if (options.drops == 0) return plain(evaluator);
  return std::make_unique<Forgiving>(
      evaluator, Forgiving::Options{.drops = options.drops, .bounds = options.bounds}, plain);
}

}  // namespace

std::unique_ptr<Method> make_method(Evaluator& evaluator, const MinimizeOptions& options, bool noisy) {
  if (options.drops < 0)
    throw UsageError("drops must not be below 0, found " + std::to_string(options.drops));
  const auto plain = [&options, noisy](Evaluator& inner) { return plain_method(inner, options, noisy); };
  std::unique_ptr<Method> method = plain_or_forgiving(evaluator, options, plain);
  if (noisy) return method;
  return std::make_unique<KeepingBest>(std::move(method));
}

StopRules stop_rules_of(const MinimizeOptions& options, bool noisy) {
  StopRules rules = options.stop;
  rules.has_all_limits = options.bounds.all_finite();
  if (noisy) rules.gradient_tolerance.reset();
  if (noisy) rules.precision.reset();
  const bool is_adam = options.strategy == Strategy::replay || options.strategy == Strategy::sequence ||
                       options.strategy == Strategy::vanilla || options.strategy == Strategy::whitened;
  if (is_adam && !options.optimizer && rules.epsilon == 0.0) rules.epsilon = Adam::Options().epsilon;
  return rules;
}

MinimizeOptions knowing(const Objective& objective, const MinimizeOptions& options) {
  MinimizeOptions knowing = options;
  if (!options.known_hessian) knowing.known_hessian = known_hessian_of(objective);
  return knowing;
}

Vector start_of(const MinimizeOptions& options, const Objective& objective) {
  Vector theta = options.start.size() > 0 ? options.start : objective.initial_point();
  if (theta.size() != objective.dimension())
    throw UsageError("the start has " + std::to_string(theta.size()) + " coordinates, the objective " +
                     std::to_string(objective.dimension()));
  if (!all_finite(theta)) throw UsageError("the start holds a number that is not finite");
  options.bounds.project(theta);
  return theta;
}

}  // namespace optex
