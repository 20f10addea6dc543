#include "optex/driver/stopping.hpp"

#include "optex/methods/surrogate_state.hpp"

#include <cmath>
#include <functional>
#include <iomanip>
#include <map>
#include <sstream>

namespace optex {
namespace {

/// Whether the gradient is about as long as at the start.
bool has_come_nowhere(const RunState& run) {
  constexpr double hardly = 1e-3;  // of the first gradient, that is left of it
  return !(run.progress.gradient_norm < hardly * run.progress.first_gradient_norm);
}

}  // namespace

std::optional<std::string> met_rule(const StopRules& rules, const RunState& run) {
  if (rules.value && run.best.value <= *rules.value) return "value";
  if (rules.gradient_norm && run.progress.gradient_norm <= *rules.gradient_norm) return "gradient_norm";
  const bool exact = run.regime != "noisy";
  if (rules.gradient_tolerance && exact &&
      run.progress.gradient_norm <= *rules.gradient_tolerance * run.progress.first_gradient_norm)
    return "gradient_tolerance";
  if (rules.precision && exact && run.progress.still_rounds >= StopRules::still_rounds) return "precision";
  if (rules.patience && run.progress.idle_rounds >= *rules.patience) return "patience";
  if (rules.iterations && run.iteration >= *rules.iterations) return "iterations";
  if (rules.evaluations && run.evaluations >= *rules.evaluations) return "evaluations";
  if (rules.seconds && run.seconds >= *rules.seconds) return "seconds";
  return std::nullopt;
}

std::optional<std::string> met_contradiction(const RunState& run, const std::string& ending) {
  const ValueAgreement& values = run.progress.values;
  const bool at_rest = ending == "precision" || ending == "line_search";
  const bool as_success = at_rest || ending == "gradient_norm" || ending == "gradient_tolerance" ||
                          ending == "stationary" || ending == "patience";
  if (run.regime == "noisy" || !as_success) return std::nullopt;
  // An adjoint that is slightly off still leads to a point where it is small.
  if (values.contradicts() || (values.is_biased() && at_rest)) return values.words();
  if (at_rest && has_come_nowhere(run) && values.explains_standstill()) return values.words();
  return std::nullopt;
}

std::optional<std::string> met_dead_end(const RunState& run, const std::string& ending) {
  if (ending != "line_search") return std::nullopt;
  constexpr double far = 0.1;            // of F, that a step must raise it
  constexpr double least_value = 1e-20;  // a smaller F may be the round-off of one that is 0
  const LineSearch& search =
      run.surrogate.begun() ? run.surrogate->guard.line_search : run.secants.line_search;
  const double start = search.start.value;
  const bool is_flat = std::isfinite(search.high.value) && search.high.value - start <= far * std::abs(start);
  if (is_flat || !has_come_nowhere(run) || std::abs(start) < least_value) return std::nullopt;
  return "no step along the steepest descent finds a smaller value, and F is not flat there: a step of 1 may "
         "be far too long for the unit of x (scale x yourself), F may have no value around "
         "this point, or the gradient is wrong (compare it with differences of F: optex gradcheck, "
         "scipy.optimize.check_grad)";
}

std::optional<std::string> met_fall(const RunState& run, const std::string& ending) {
  const bool at_rest = ending == "precision" || ending == "line_search" || ending == "patience";
  const double bottom = at_rest && has_come_nowhere(run) ? -1e15 : -1e100;
  // In a box the gradient is cut off, at an F of 0 the value knows no unit.
  const double unit =
      std::fmax(1.0, std::fmax(std::abs(run.progress.first_value), run.progress.first_gradient_norm));
  if (!(run.best.value < bottom * unit)) return std::nullopt;
  std::ostringstream text;
  text << std::setprecision(3) << "F falls without bound, it has come to " << run.best.value
       << ": there is no minimum this way; a limit of x is missing (problem.lower, problem.upper; in Python "
          "bounds=), or F has the wrong sign";
  return text.str();
}

std::string words_of_rule(const std::string& rule) {
  static const std::map<std::string, const char*, std::less<>> words = {
      {"value", "F is as small as was asked for"},
      {"gradient_norm", "the gradient is as small as was asked for"},
      {"gradient_tolerance", "the gradient is small against the first one"},
      {"precision", "F no longer changes beyond round-off"},
      {"patience", "no better value was found for as many rounds as were allowed"},
      {"iterations", "the largest number of rounds was reached"},
      {"evaluations", "the largest number of gradients was reached"},
      {"seconds", "the time is up"},
  };
  if (rule == disagreement) return "gradient and values disagree";
  if (rule == unbounded) return "F falls without bound";
  const auto found = words.find(rule);
  return found == words.end() ? rule : "stop." + rule + " is met: " + found->second;
}

}  // namespace optex
