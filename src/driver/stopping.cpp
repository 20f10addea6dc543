#include "optex/driver/stopping.hpp"

namespace optex {

std::optional<std::string> met_rule(const StopRules& rules, const RunState& run) {
  if (rules.value && run.best_value <= *rules.value) return "value";
  if (rules.gradient_norm && run.gradient_norm <= *rules.gradient_norm) return "gradient_norm";
  const bool exact = run.regime != "noisy";
  if (rules.gradient_tolerance && exact &&
      run.gradient_norm <= *rules.gradient_tolerance * run.first_gradient_norm)
    return "gradient_tolerance";
  if (rules.patience && run.rounds_without_progress >= *rules.patience) return "patience";
  if (rules.iterations && run.iteration >= *rules.iterations) return "iterations";
  if (rules.evaluations && run.evaluations >= *rules.evaluations) return "evaluations";
  if (rules.seconds && run.seconds >= *rules.seconds) return "seconds";
  return std::nullopt;
}

}  // namespace optex
