#pragma once

#include "optex/methods/run_state.hpp"
#include "optex/methods/surrogate_state.hpp"

#include <cmath>
#include <string>

namespace optex {

/// Whether a member that is stored only when it is not empty is to be visited. Visitors that read or write a
/// file say so; the others visit all.
template <typename Visitor>
bool is_there(Visitor& visit, const std::string& path, bool has_content) {
  if constexpr (requires { visit.is_there(path, has_content); })
    return visit.is_there(path, has_content);
  else
    return true;
}

/// What older programs kept of a rule that is gone (two_track): read, because the hash counts it, and
/// dropped.
template <typename Visitor>
void visit_retired(Visitor& visit) {
  if constexpr (requires { visit.is_there("", false); }) {
    if (!visit.is_there("/state/scout_share", false)) return;
    double share = 0.0;
    std::int64_t number = 0;
    Matrix matrix;
    Vector vector;
    visit("/state/scout_share", share);
    visit("/state/newton_points", number);
    visit("/state/scouts", matrix);
    visit("/state/scout_dampings", vector);
    visit("/state/scout_scale", vector);
    visit("/state/scout_theta_distances", matrix);
    visit("/state/scout_gradient_distances", matrix);
    visit("/state/scout_rescale_at", number);
    visit("/state/scout_units", number);
    visit("/state/scout_gains", vector);
  }
}

/// The one list of what a checkpoint holds of a run: saving, loading and hashing all walk it in this order.
///
/// `visit(path, member)` is called for every member of RunState with its place in the file; integers,
/// doubles, text, Vector, Matrix and GradientHistory are known to the visitors. State is RunState or const
/// RunState. A member added to RunState does not compile until it has a name in the binding below; give it
/// its line too.
template <typename State, typename Visitor>
void visit_fields(State& state, Visitor& visit) {
  auto& [iteration, theta, optimizer, history, evaluations, seconds, best_value, rounds_without_progress,
         reach, guard_values, best_theta, best_gradient, ring, ring_pushes, average, regime, secants,
         base_theta, base_gradient, base_value, direction, line_search, extrapolated, objective_state,
         good_theta, good_value, dropped_iterates, outstanding, gradient_norm, first_gradient_norm,
         progress_value, surrogate] = state;
  visit("/state/iteration", iteration);
  visit("/state/theta", theta);
  visit("/state/best_value", best_value);
  visit("/state/rounds_without_progress", rounds_without_progress);
  visit("/state/reach", reach);
  visit("/state/guard_values", guard_values);
  visit("/state/best_theta", best_theta);
  visit("/state/best_gradient", best_gradient);
  visit_retired(visit);
  visit("/state/ring", ring);
  visit("/state/ring_pushes", ring_pushes);
  visit("/state/average", average);
  visit("/state/regime", regime);
  visit_secants(secants, "/state/secants/", visit);
  visit("/state/base_theta", base_theta);
  visit("/state/base_gradient", base_gradient);
  visit("/state/base_value", base_value);
  visit("/state/direction", direction);
  visit_line_search(line_search, "/state/line_search/", visit);
  visit("/state/extrapolated", extrapolated);
  visit("/state/objective", objective_state);
  visit("/state/good_theta", good_theta);
  visit("/state/good_value", good_value);
  visit("/state/dropped_iterates", dropped_iterates);
  auto& [late_thetas, late_iterations, late_points] = outstanding;
  if (is_there(visit, "/state/outstanding/theta", late_points.size() > 0)) {
    visit("/state/outstanding/theta", late_thetas);
    visit("/state/outstanding/iteration", late_iterations);
    visit("/state/outstanding/point", late_points);
  }
  // Checkpoints of older programs have none.
  if (is_there(visit, "/state/gradient_norm", !std::isnan(gradient_norm)))
    visit("/state/gradient_norm", gradient_norm);
  if (is_there(visit, "/state/first_gradient_norm", !std::isnan(first_gradient_norm)))
    visit("/state/first_gradient_norm", first_gradient_norm);
  if (is_there(visit, "/state/progress_value", std::isfinite(progress_value)))
    visit("/state/progress_value", progress_value);
  if (is_there(visit, "/state/surrogate/radius", surrogate.begun()))
    visit_surrogate(*surrogate, "/state/surrogate/", visit);
  auto& [step, moments] = optimizer;
  visit("/optimizer/step", step);
  visit("/optimizer/moments", moments);
  visit("/accounting/evaluations", evaluations);
  visit("/accounting/seconds", seconds);
  visit("/history", history);
}

}  // namespace optex
