#include "optex/methods/anderson.hpp"
#include "optex/methods/data_parallel.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/optimizers/projected.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/footprint.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "key_tables.hpp"
#include "method_parts.hpp"

namespace optex {

std::uint64_t seed_of(const Config& config) { return static_cast<std::uint64_t>(config.integer("run.seed")); }

Bounds bounds_of(const Config& config, const Evaluator& evaluator, const Optimizer* optimizer) {
  if (const auto* const projected = dynamic_cast<const Projected*>(optimizer)) return projected->bounds();
  return assemble_bounds(config, evaluator.dimension());
}

namespace {

std::unique_ptr<Method> optex(const Config& config, Evaluator& evaluator, const MethodParts& parts) {
  return method_entry(config.text("method.update")).build(config, evaluator, parts);
}

std::unique_ptr<Method> vanilla(const Config& config, Evaluator& evaluator, const MethodParts& parts) {
  return std::make_unique<Sequential>(evaluator, parts.optimizer, 1, seed_of(config),
                                      bounds_of(config, evaluator, parts.optimizer.get()));
}

std::unique_ptr<Method> target(const Config& config, Evaluator& evaluator, const MethodParts& parts) {
  return std::make_unique<Sequential>(evaluator, parts.optimizer, config.integer("method.parallelism"),
                                      seed_of(config), bounds_of(config, evaluator, parts.optimizer.get()),
                                      config.text("method.average") == "tail");
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

std::unique_ptr<Method> whitened(const Config& config, Evaluator& evaluator, const MethodParts&) {
  const Index ring = config.integer_if_set("method.ring").value_or(Whitened::Options{}.ring);
  return whitened_with_ring(config, evaluator, ring);
}

KeptRows whitened_rows(const Config& config, Index, Index) {
  const Index ring = config.integer_if_set("method.ring").value_or(Whitened::Options{}.ring);
  return {.state = static_cast<double>(ring)};
}

std::unique_ptr<Method> data_parallel(const Config& config, Evaluator& evaluator, const MethodParts& parts) {
  const std::string& average = config.text("method.average");
  if (average == "schedule_free") return whitened_with_ring(config, evaluator, 0);
  DataParallel::Options options;
  options.parallelism = points_a_round(config);
  options.average_tail = average == "tail";
  options.any_batch = drops_failed_iterates(config);
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, parts.optimizer.get());
  return std::make_unique<DataParallel>(evaluator, parts.optimizer, options);
}

std::unique_ptr<Method> lbfgs(const Config& config, Evaluator& evaluator, const MethodParts&) {
  Lbfgs::Options options;
  options.memory = config.integer("method.memory");
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, nullptr);
  return std::make_unique<Lbfgs>(evaluator, options);
}

std::unique_ptr<Method> anderson(const Config& config, Evaluator& evaluator, const MethodParts&) {
  Anderson::Options options;
  options.learning_rate = config.real("optimizer.learning_rate");
  options.memory = config.integer("method.memory");
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, nullptr);
  return std::make_unique<Anderson>(evaluator, options);
}

/// The pairs, and beside them the point and gradient that they go on from, and the direction.
KeptRows secant_rows(const Config& config, Index, Index) {
  return {.state = 2.0 * static_cast<double>(config.integer("method.memory")) + 3.0};
}

/// The diagonal that it learns; while a round is planned its inverse, and in a box the Cauchy point, the free
/// coordinates, and what the subspace minimum is made of.
KeptRows lbfgs_rows(const Config& config, Index points, Index dimension) {
  KeptRows kept = secant_rows(config, points, dimension);
  kept.state += 1.0;
  kept.round += is_bounded(config) ? 7.0 : 1.0;
  return kept;
}

using Points = MethodTraits::Points;

}  // namespace

const Catalogue<MethodBuilder>& methods() {
  static const Catalogue<MethodBuilder> table = {
      {"optex", "N gradients along a chain of predicted steps", optex, {.takes_late = true}},
      {"vanilla",
       "one true step a round: the plain optimizer",
       vanilla,
       {.points = Points::one, .takes_parallelism = false}},
      // Its gradients follow one another: a round of machines is one point.
      {"target",
       "N true steps counted as one round: the ideal that no machine reaches",
       target,
       {.points = Points::one, .averages_batches = true}},
      {"whitened",
       "schedule-free data parallelism, whitened by how the mini-batches disagree",
       whitened,
       {.points = Points::several_if_noisy, .schedule_free = true, .rows = whitened_rows}},
      {"data_parallel",
       "the mean of N mini-batch gradients at one point, one step",
       data_parallel,
       {.points = Points::several_if_noisy}},
      {"lbfgs",
       "limited-memory BFGS with a line search, one evaluation a round; for exact gradients",
       lbfgs,
       {.points = Points::one,
        .takes_parallelism = false,
        .exact_only = true,
        .has_rate = false,
        .has_optimizer = false,
        .tries_points = true,
        .rows = lbfgs_rows}},
      // It has a rate, but its step is always plain gradient descent.
      {"anderson",
       "gradient descent with Anderson acceleration; for exact gradients",
       anderson,
       {.points = Points::one,
        .takes_parallelism = false,
        .exact_only = true,
        .has_optimizer = false,
        .rows = secant_rows}},
  };
  return table;
}

Condition methods_that(bool (*holds)(const MethodTraits&)) {
  Condition condition{"method.name", {}};
  for (const auto& entry : methods())
    if (holds(entry.traits)) condition.values.push_back(entry.name);
  return condition;
}

std::vector<Key> method_keys() {
  const Condition several = methods_that([](const MethodTraits& method) { return method.takes_parallelism; });
  // In the order of the help and of a resolved configuration, which is hashed.
  const std::vector<Key> first = {
      choice_key("name", "optex", names_of(methods()), "explained by `optex list methods`"),
      choice_key("preset", "none", {"none", "paper"}, "paper: other defaults below, those of the publication",
                 {{"method.name", {"optex"}}}),
      integer_key("parallelism", "4", between(1.0, 65536.0), "N, points evaluated side by side in a round",
                  {several}),
      integer_key("batches_per_point", "1", between(1.0, 65536.0),
                  "gradients a point: each on a mini-batch of its own, averaged (whitened, data_parallel: N "
                  "times as many mini-batches)",
                  {several}),
  };
  const std::vector<Key> last = {
      integer_key("ring", "32", between(1.0, 10000.0),
                  "remembered deviations of single gradients from their mean",
                  {{"method.name", {"whitened"}}}),
      integer_key("memory", "10", between(1.0, 1000.0),
                  "differences of iterates and gradients that are remembered",
                  {{"method.name", {"lbfgs", "anderson"}}}),
      choice_key("average", "none", {"none", "tail", "schedule_free"},
                 "the answer: the last iterate, a tail average of them, or (data_parallel) schedule-free",
                 {{"method.name", {"data_parallel", "target"}}}),
  };
  return joined({keys_of("method", first), rule_keys(), keys_of("method", last)});
}

}  // namespace optex
