#include "optex/driver/stopping.hpp"

namespace optex {

std::optional<std::string> met_rule(const StopRules& rules, const RunState& run) {
  if (rules.value && run.best.value <= *rules.value) return "value";
  if (rules.gradient_norm && run.progress.gradient_norm <= *rules.gradient_norm) return "gradient_norm";
  const bool exact = run.regime != "noisy";
  if (rules.gradient_tolerance && exact &&
      run.progress.gradient_norm <= *rules.gradient_tolerance * run.progress.first_gradient_norm)
    return "gradient_tolerance";
  if (rules.patience && run.progress.idle_rounds >= *rules.patience) return "patience";
  if (rules.iterations && run.iteration >= *rules.iterations) return "iterations";
  if (rules.evaluations && run.evaluations >= *rules.evaluations) return "evaluations";
  if (rules.seconds && run.seconds >= *rules.seconds) return "seconds";
  return std::nullopt;
}

}  // namespace optex
