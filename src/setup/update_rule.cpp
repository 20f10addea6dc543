#include "optex/setup/update_rule.hpp"

#include "optex/setup/config.hpp"
#include "optex/setup/footprint.hpp"

namespace optex {
namespace {

/// Compared by value: a resolved configuration, which names every default, is taken as the one it came from.
bool has_own_estimator(const Config& config) {
  for (const auto& [key, usual] : {std::pair{"estimator.precision", "f64"},
                                   {"estimator.name", "gp"},
                                   {"estimator.kernel", "matern52"},
                                   {"estimator.prior_mean", "constant"},
                                   {"estimator.lengthscale", "ml"},
                                   {"estimator.nugget", "ml"}})
    if (!config.is(key, usual)) return true;
  return false;
}

bool is_plain_adam(const Config& config) {
  return config.text("optimizer.name") == "adam" && config.text("optimizer.schedule") == "constant" &&
         config.integer("optimizer.warmup_steps") == 0 && config.real("optimizer.weight_decay") == 0.0;
}

}  // namespace

RunTraits traits_of(const Config& config, Index dimension) {
  return {.dimension = dimension,
          .own_estimator = has_own_estimator(config),
          .plain_adam = is_plain_adam(config),
          .spreads_history = spreads_history(config),
          .bounded = is_bounded(config),
          .closes_rounds_early = config.real("failure.quorum") < 1.0};
}

std::string effective_update(const Config& config, Index dimension) {
  const std::string& update = config.text("method.update");
  if (update != "auto") return update;
  const RunTraits run = traits_of(config, dimension);
  return name_of((is_noisy(config) ? rule_for_noisy_gradients(run) : rule_for_exact_gradients(run)).rule);
}

const MethodTraits& effective_traits(const Config& config, Index dimension) {
  const bool has_rule = config.has("method.update");
  return method_entry(has_rule ? effective_update(config, dimension) : config.text("method.name")).traits;
}

}  // namespace optex
