#include "optex/core/coordinate_slices.hpp"
#include "optex/methods/automatic.hpp"
#include "optex/methods/chain_track.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/surrogate.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/footprint.hpp"
#include "optex/setup/update_rule.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "key_tables.hpp"
#include "method_parts.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

template <UpdateRule rule>
std::unique_ptr<Method> optex_with(const Config& config, Evaluator& evaluator, const MethodParts& parts) {
  Optex::Options options;
  options.parallelism = config.integer("method.parallelism");
  options.history = config.integer("method.history");
  options.update = rule;
  options.precision = assemble_precision(config);
  options.quorum = config.real("failure.quorum");
  options.seed = seed_of(config);
  options.bounds = bounds_of(config, evaluator, parts.optimizer.get());
  options.units = assemble_units(config, evaluator.dimension());
  if (rule == UpdateRule::replay) {
    options.reach = config.integer("method.reach");
    options.tolerance = config.real("method.tolerance");
    options.guard_window = config.integer("method.guard_window");
  }
  return std::make_unique<Optex>(evaluator, parts.optimizer, assemble_estimator(config), options);
}

std::unique_ptr<Method> surrogate(const Config& config, Evaluator& evaluator, const MethodParts& parts) {
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
  options.known_hessian = parts.known_hessian;
  return std::make_unique<Surrogate>(evaluator, options);
}

/// Pairs with their middles, room for newcomers, and the anchor of the middles; the guard; what both have
/// learnt of the Hessian's diagonal; the best point's gradient and the residual; steps of a round. The chain:
/// its pairs, kept and laid out to predict from, where it stands, and Adam's moments. While a round is
/// planned: changes in the variables of the prior; steps and middles, too, where a part of the Hessian is
/// known.
KeptRows surrogate_rows(const Config& config, Index points, Index dimension) {
  KeptRows kept;
  const Index given = config.integer("method.history");
  if (points > 1) kept.pairs = given > 0 ? given : Surrogate::default_history(points, dimension);
  kept.history = 3.0 * static_cast<double>(kept.pairs + points) + 1.0;
  kept.state = 2.0 * static_cast<double>(Surrogate::guard_memory) + 7.0 + 3.0;
  if (points >= ChainShare::least_parallelism)
    kept.state += 4.0 * static_cast<double>(ChainTrack::most_kept) + 3.0;
  kept.round = 2.0 * static_cast<double>(points) + static_cast<double>(kept.pairs + points);
  if (points > 1) kept.known = 2.0 * static_cast<double>(kept.pairs + points);
  return kept;
}

std::unique_ptr<Method> automatic(const Config& config, Evaluator& evaluator, const MethodParts& parts) {
  const RunTraits run = traits_of(config, whole_length(evaluator.dimension()));
  const auto candidate = [&](const RuleChoice& choice) {
    const std::string rule = name_of(choice.rule);
    const MethodBuilder build = method_entry(rule).build;
    return Automatic::Candidate{
        [&config, parts, build](Evaluator& inner) { return build(config, inner, parts); },
        fmt::format("method.update = \"auto\" takes {}: {}", rule, choice.why)};
  };
  if (is_noisy(config))
    return std::make_unique<Automatic>(evaluator, candidate(rule_for_noisy_gradients(run)));
  const Automatic::Candidate exact = candidate(rule_for_exact_gradients(run));
  if (!tests_for_noise(run)) return std::make_unique<Automatic>(evaluator, exact);
  return std::make_unique<Automatic>(evaluator, exact, candidate(rule_for_noisy_gradients(run)));
}

constexpr MethodTraits chain{.averages_batches = true, .keeps_history = true};
/// The rules of the publication step from any chain point, so the state at each of them is kept.
constexpr MethodTraits publication{.averages_batches = true, .keeps_history = true, .keeps_states = true};

}  // namespace

const Catalogue<MethodBuilder>& updates() {
  static const Catalogue<MethodBuilder> table = {
      {"auto", "surrogate or replay for exact gradients, whitened or sequence for noisy ones", automatic, {}},
      {"replay", "walk the chain again with what the truth taught, as far as it holds",
       optex_with<UpdateRule::replay>, chain},
      {"surrogate",
       "a model of the Hessian, and L-BFGS on one of the points; for smooth functions and exact gradients; "
       "no learning rate",
       surrogate,
       {.exact_only = true,
        .has_rate = false,
        .has_optimizer = false,
        .averages_batches = true,
        .needs_whole_vectors = true,
        .rows = surrogate_rows}},
      {"sequence", "one step with each true gradient, in the order of the chain",
       optex_with<UpdateRule::sequence>, chain},
      {"last", "one step from the end of the chain: the publication", optex_with<UpdateRule::last>,
       publication},
      {"min_value", "one step from the chain point with the smallest value",
       optex_with<UpdateRule::min_value>, publication},
      {"min_gradient", "one step from the chain point with the smallest gradient",
       optex_with<UpdateRule::min_gradient>, publication},
  };
  return table;
}

std::vector<Key> rule_keys() {
  const Condition optex{"method.name", {"optex"}};
  const Condition paper{"method.preset", {"paper"}};
  const Condition replay{"method.update", {"auto", "replay"}};
  const std::vector<Key> keys = {
      choice_key("update", {{"last", paper}, {"auto"}}, names_of(updates()),
                 "explained by `optex list updates`", {optex}),
      integer_key("history", "0", between(0.0, 100000.0),
                  "T0, pairs that are kept; 0 is max(20, 6 N), surrogate 300 unless d is large", {optex}),
      integer_key("reach", "512", between(1.0, 1e9), "largest depth of the chain of predicted steps",
                  {replay}),
      real_key("tolerance", "0.5", positive, "relative error of a prediction at which a replay stops",
               {replay}),
      integer_key("guard_window", "10", between(1.0, 1e6),
                  "rounds whose largest value a replay may not exceed", {replay}),
  };
  return keys_of("method", keys);
}

}  // namespace optex
