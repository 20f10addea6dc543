#include "optex/setup/catalogue.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/errors.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/kernels/rational_quadratic.hpp"
#include "optex/kernels/rbf.hpp"
#include "optex/methods/anderson.hpp"
#include "optex/methods/automatic.hpp"
#include "optex/methods/data_parallel.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/surrogate.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/optimizers/adagrad.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"
#include "optex/optimizers/rmsprop.hpp"
#include "optex/optimizers/sgd.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/footprint.hpp"
#include "optex/setup/suggestion.hpp"
#include "optex/setup/update_rule.hpp"

#include <fmt/format.h>

namespace optex {
namespace {

// ---- optimizers

Schedule schedule_named(const std::string& name) {
  if (name == "linear") return Schedule::linear;
  if (name == "cosine") return Schedule::cosine;
  return Schedule::constant;
}

LearningRate learning_rate(const Config& config) {
  LearningRate rate(config.real("optimizer.learning_rate"));
  rate.schedule = schedule_named(config.text("optimizer.schedule"));
  rate.steps = config.integer_if_set("optimizer.schedule_steps").value_or(0);
  rate.warmup_steps = config.integer("optimizer.warmup_steps");
  return rate;
}

std::shared_ptr<const Optimizer> sgd(const Config& config) {
  return std::make_shared<Sgd>(
      Sgd::Options{.learning_rate = learning_rate(config),
                   .momentum = config.real_if_set("optimizer.momentum").value_or(0.0),
                   .nesterov = config.text("optimizer.name") == "nesterov",
                   .weight_decay = config.real("optimizer.weight_decay")});
}

std::shared_ptr<const Optimizer> adagrad(const Config& config) {
  return std::make_shared<AdaGrad>(AdaGrad::Options{.learning_rate = learning_rate(config),
                                                    .epsilon = config.real("optimizer.epsilon"),
                                                    .weight_decay = config.real("optimizer.weight_decay")});
}

std::shared_ptr<const Optimizer> rmsprop(const Config& config) {
  return std::make_shared<RmsProp>(RmsProp::Options{.learning_rate = learning_rate(config),
                                                    .alpha = config.real("optimizer.alpha"),
                                                    .epsilon = config.real("optimizer.epsilon"),
                                                    .momentum = config.real("optimizer.momentum"),
                                                    .weight_decay = config.real("optimizer.weight_decay")});
}

std::shared_ptr<const Optimizer> adam(const Config& config) {
  return std::make_shared<Adam>(Adam::Options{.learning_rate = learning_rate(config),
                                              .beta1 = config.real("optimizer.beta1"),
                                              .beta2 = config.real("optimizer.beta2"),
                                              .epsilon = config.real("optimizer.epsilon"),
                                              .weight_decay = config.real("optimizer.weight_decay"),
                                              .decoupled_decay = config.text("optimizer.name") == "adamw"});
}

// ---- kernels

template <class K>
std::shared_ptr<const Kernel> kernel() {
  return std::make_shared<K>();
}

// ---- methods

std::uint64_t seed_of(const Config& config) { return static_cast<std::uint64_t>(config.integer("run.seed")); }

/// Those that the optimizer keeps to, which has them in memory, or else the configuration's.
Bounds bounds_of(const Config& config, const Evaluator& evaluator, const Optimizer* optimizer) {
  if (const auto* const projected = dynamic_cast<const Projected*>(optimizer)) return projected->bounds();
  return assemble_bounds(config, evaluator.dimension());
}

template <UpdateRule rule>
std::unique_ptr<Method> optex_with(const Config& config, Evaluator& evaluator,
                                   std::shared_ptr<const Optimizer> optimizer) {
  Optex::Options options;
  options.parallelism = config.integer("method.parallelism");
  options.history = config.integer("method.history");
  options.update = rule;
  options.precision = assemble_precision(config);
  options.quorum = config.real("failure.quorum");
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, optimizer.get());
  options.units = assemble_units(config, evaluator.dimension());
  if (rule == UpdateRule::replay) {
    options.reach = config.integer("method.reach");
    options.tolerance = config.real("method.tolerance");
    options.guard_window = config.integer("method.guard_window");
  }
  return std::make_unique<Optex>(evaluator, std::move(optimizer), assemble_estimator(config), options);
}

std::unique_ptr<Method> surrogate(const Config& config, Evaluator& evaluator,
                                  std::shared_ptr<const Optimizer>) {
  // One point a round is the guard's, an L-BFGS.
  if (config.integer("method.parallelism") == 1)
    return std::make_unique<Lbfgs>(evaluator, Lbfgs::Options{.memory = Surrogate::guard_memory,
                                                             .bounds = bounds_of(config, evaluator, nullptr),
                                                             .seed = seed_of(config)});
  Surrogate::Options options;
  options.parallelism = config.integer("method.parallelism");
  options.history = config.integer("method.history");
  options.quorum = config.real("failure.quorum");
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, nullptr);
  options.units = assemble_units(config, evaluator.dimension());
  return std::make_unique<Surrogate>(evaluator, options);
}

bool drops_failed_iterates(const Config& config) { return config.text("failure.evaluation") == "drop"; }

/// Both take the rate and the decay rates from Adam's keys.
std::unique_ptr<Method> whitened_with_ring(const Config& config, Evaluator& evaluator, Index ring) {
  Whitened::Options options;
  options.parallelism = points_a_round(config);
  options.learning_rate = config.real("optimizer.learning_rate");
  options.beta1 = config.real("optimizer.beta1");
  options.beta2 = config.real("optimizer.beta2");
  options.epsilon = config.real("optimizer.epsilon");
  options.ring = ring;
  options.any_batch = drops_failed_iterates(config);
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, nullptr);
  return std::make_unique<Whitened>(evaluator, options);
}

std::unique_ptr<Method> whitened(const Config& config, Evaluator& evaluator,
                                 std::shared_ptr<const Optimizer>) {
  const Index ring = config.integer_if_set("method.ring").value_or(Whitened::Options{}.ring);
  return whitened_with_ring(config, evaluator, ring);
}

/// The builder of an update rule, or of the method that stands for it.
MethodBuilder builder_of(const std::string& rule) {
  return rule == "whitened" ? whitened : find_entry(updates(), rule, "update rule");
}

std::unique_ptr<Method> automatic(const Config& config, Evaluator& evaluator,
                                  std::shared_ptr<const Optimizer> optimizer) {
  const RunTraits run = traits_of(config, whole_length(evaluator.dimension()));
  const auto candidate = [&](const RuleChoice& choice) {
    const std::string rule = name_of(choice.rule);
    const MethodBuilder build = builder_of(rule);
    return Automatic::Candidate{
        [&config, optimizer, build](Evaluator& inner) { return build(config, inner, optimizer); },
        fmt::format("method.update = \"auto\" takes {}: {}", rule, choice.why)};
  };
  if (is_noisy(config))
    return std::make_unique<Automatic>(evaluator, candidate(rule_for_noisy_gradients(run)));
  const Automatic::Candidate exact = candidate(rule_for_exact_gradients(run));
  if (!tests_for_noise(run)) return std::make_unique<Automatic>(evaluator, exact);
  return std::make_unique<Automatic>(evaluator, exact, candidate(rule_for_noisy_gradients(run)));
}

std::unique_ptr<Method> optex(const Config& config, Evaluator& evaluator,
                              std::shared_ptr<const Optimizer> optimizer) {
  return builder_of(config.text("method.update"))(config, evaluator, std::move(optimizer));
}

std::unique_ptr<Method> vanilla(const Config& config, Evaluator& evaluator,
                                std::shared_ptr<const Optimizer> optimizer) {
  return std::make_unique<Sequential>(evaluator, std::move(optimizer), 1, seed_of(config),
                                      bounds_of(config, evaluator, optimizer.get()));
}

std::unique_ptr<Method> target(const Config& config, Evaluator& evaluator,
                               std::shared_ptr<const Optimizer> optimizer) {
  return std::make_unique<Sequential>(evaluator, std::move(optimizer), config.integer("method.parallelism"),
                                      seed_of(config), bounds_of(config, evaluator, optimizer.get()),
                                      config.text("method.average") == "tail");
}

std::unique_ptr<Method> data_parallel(const Config& config, Evaluator& evaluator,
                                      std::shared_ptr<const Optimizer> optimizer) {
  const std::string& average = config.text("method.average");
  if (average == "schedule_free") return whitened_with_ring(config, evaluator, 0);
  DataParallel::Options options;
  options.parallelism = points_a_round(config);
  options.average_tail = average == "tail";
  options.any_batch = drops_failed_iterates(config);
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, optimizer.get());
  return std::make_unique<DataParallel>(evaluator, std::move(optimizer), options);
}

std::unique_ptr<Method> lbfgs(const Config& config, Evaluator& evaluator, std::shared_ptr<const Optimizer>) {
  Lbfgs::Options options;
  options.memory = config.integer("method.memory");
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, nullptr);
  return std::make_unique<Lbfgs>(evaluator, options);
}

std::unique_ptr<Method> anderson(const Config& config, Evaluator& evaluator,
                                 std::shared_ptr<const Optimizer>) {
  Anderson::Options options;
  options.learning_rate = config.real("optimizer.learning_rate");
  options.memory = config.integer("method.memory");
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, nullptr);
  return std::make_unique<Anderson>(evaluator, options);
}

}  // namespace

const Catalogue<OptimizerBuilder>& optimizers() {
  static const Catalogue<OptimizerBuilder> table = {
      {"sgd", "gradient descent", sgd},
      {"momentum", "gradient descent with heavy-ball momentum", sgd},
      {"nesterov", "gradient descent with Nesterov's momentum", sgd},
      {"adagrad", "steps scaled by the sum of squared gradients", adagrad},
      {"rmsprop", "steps scaled by a running mean of squared gradients", rmsprop},
      {"adam", "running means of gradients and their squares, bias-corrected", adam},
      {"adamw", "adam with decoupled weight decay", adam},
  };
  return table;
}

const Catalogue<KernelBuilder>& kernels() {
  static const Catalogue<KernelBuilder> table = {
      {"rbf", "exp(-q/2), q the squared distance in lengthscales: infinitely smooth", kernel<Rbf>},
      {"matern12", "exp(-r), r = sqrt(q): continuous, not differentiable", kernel<Matern12>},
      {"matern32", "(1 + sqrt(3) r) exp(-sqrt(3) r): once differentiable", kernel<Matern32>},
      {"matern52", "(1 + sqrt(5) r + 5 q/3) exp(-sqrt(5) r): twice differentiable", kernel<Matern52>},
      {"rational_quadratic", "1 / (1 + q/2): a mixture of lengthscales", kernel<RationalQuadratic>},
  };
  return table;
}

const Catalogue<MethodBuilder>& methods() {
  static const Catalogue<MethodBuilder> table = {
      {"optex", "N gradients along a chain of predicted steps", optex},
      {"vanilla", "one true step a round: the plain optimizer", vanilla},
      {"target", "N true steps counted as one round: the ideal that no machine reaches", target},
      {"whitened", "schedule-free data parallelism, whitened by how the mini-batches disagree", whitened},
      {"data_parallel", "the mean of N mini-batch gradients at one point, one step", data_parallel},
      {"lbfgs", "limited-memory BFGS with a line search, one evaluation a round; for exact gradients", lbfgs},
      {"anderson", "gradient descent with Anderson acceleration; for exact gradients", anderson},
  };
  return table;
}

const Catalogue<MethodBuilder>& updates() {
  static const Catalogue<MethodBuilder> table = {
      {"auto", "surrogate or replay for exact gradients, whitened or sequence for noisy ones", automatic},
      {"replay", "walk the chain again with what the truth taught, as far as it holds",
       optex_with<UpdateRule::replay>},
      {"surrogate",
       "a model of the Hessian, and L-BFGS on one of the points; for smooth functions and exact gradients; "
       "no learning rate",
       surrogate},
      {"sequence", "one step with each true gradient, in the order of the chain",
       optex_with<UpdateRule::sequence>},
      {"last", "one step from the end of the chain: the publication", optex_with<UpdateRule::last>},
      {"min_value", "one step from the chain point with the smallest value",
       optex_with<UpdateRule::min_value>},
      {"min_gradient", "one step from the chain point with the smallest gradient",
       optex_with<UpdateRule::min_gradient>},
  };
  return table;
}

void refuse_name(const std::string& name, const std::string& what, const std::vector<std::string>& names) {
  throw UsageError(fmt::format("unknown {} '{}'; {}", what, name, suggestion(name, names)));
}

}  // namespace optex
