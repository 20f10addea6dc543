#include "optex/setup/update_rule.hpp"

#include "optex/setup/config.hpp"
#include "optex/setup/footprint.hpp"

namespace optex {
namespace {

constexpr std::int64_t two_tracks_from = 2;  // points a round: one leaves nothing but the plain step

}  // namespace

std::string rule_for_exact_gradients(const Config& config) {
  if (config.text("estimator.name") != "gp") return "replay";
  const bool is_paper_lengthscale =
      !config.number_if_any("estimator.lengthscale") && config.text("estimator.lengthscale") == "paper";
  const bool possible = config.integer("method.parallelism") >= two_tracks_from &&
                        config.text("estimator.kernel") == "matern52" &&
                        config.text("estimator.prior_mean") == "constant" && !is_paper_lengthscale &&
                        config.integer("estimator.coordinates") == 0;
  return possible ? "two_track" : "replay";
}

std::string rule_for_noisy_gradients(const Config& config) {
  if (config.text("estimator.name") != "gp") return "sequence";  // asked for, so it is used
  const bool plain_adam =
      config.text("optimizer.name") == "adam" && config.text("optimizer.schedule") == "constant" &&
      config.integer("optimizer.warmup_steps") == 0 && config.real("optimizer.weight_decay") == 0.0;
  return plain_adam ? "whitened" : "sequence";
}

std::string effective_update(const Config& config) {
  const std::string& update = config.text("method.update");
  if (update != "auto") return update;
  return is_noisy(config) ? rule_for_noisy_gradients(config) : rule_for_exact_gradients(config);
}

}  // namespace optex
