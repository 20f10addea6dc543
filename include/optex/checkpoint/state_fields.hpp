#pragma once

#include "optex/methods/learnt_diagonal.hpp"
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
/// RunState. Each mechanism names its own members (`fields` of its struct); here stands their order in the
/// file. A member that is added to RunState or to a mechanism's struct does not compile until it has a name
/// in the binding there; give it its line too.
template <typename State, typename Visitor>
void visit_fields(State& state, Visitor& visit) {
  auto& [iteration, theta, optimizer, history, evaluations, seconds, best, progress, replay, noisy, regime,
         secants, objective_state, good, outstanding, surrogate] = state;
  auto& [best_value, best_theta, best_gradient, value_unit] = best;
  auto& [idle_rounds, gradient_norm, first_gradient_norm, first_value, progress_value, still_value,
         still_rounds, values] = progress;
  const auto under_state = [&visit](const std::string& name, auto& member) {
    visit("/state/" + name, member);
  };
  visit("/state/iteration", iteration);
  visit("/state/theta", theta);
  visit("/state/best_value", best_value);
  visit("/state/rounds_without_progress", idle_rounds);
  ReplayState::fields(replay, under_state);
  visit("/state/best_theta", best_theta);
  visit("/state/best_gradient", best_gradient);
  visit_retired(visit);
  NoisyState::fields(noisy, under_state);
  visit("/state/regime", regime);
  SecantState::fields(secants, under_state);
  visit("/state/objective", objective_state);
  GoodPoint::fields(good, under_state);
  if (is_there(visit, "/state/outstanding/theta", outstanding.count() > 0))
    OutstandingPoints::fields(outstanding, under_state);
  // Checkpoints of older programs have none.
  if (is_there(visit, "/state/gradient_norm", !std::isnan(gradient_norm)))
    visit("/state/gradient_norm", gradient_norm);
  if (is_there(visit, "/state/first_gradient_norm", !std::isnan(first_gradient_norm)))
    visit("/state/first_gradient_norm", first_gradient_norm);
  if (is_there(visit, "/state/first_value", !std::isnan(first_value)))
    visit("/state/first_value", first_value);
  if (is_there(visit, "/state/progress_value", std::isfinite(progress_value)))
    visit("/state/progress_value", progress_value);
  if (is_there(visit, "/state/still_value", std::isfinite(still_value))) {
    visit("/state/still_value", still_value);
    visit("/state/still_rounds", still_rounds);
  }
  if (is_there(visit, "/state/values/biased", values.contradicting > 0 || values.biased > 0))
    ValueAgreement::fields(
        values, [&visit](const std::string& name, auto& member) { visit("/state/values/" + name, member); });
  if (is_there(visit, "/state/value_unit", value_unit != 1.0)) visit("/state/value_unit", value_unit);
  if (is_there(visit, "/state/surrogate/radius", surrogate.begun()))
    visit_surrogate(*surrogate, "/state/surrogate/", visit);
  if (is_there(visit, "/state/surrogate/chain/theta", surrogate.begun() && surrogate->chain.begun()))
    ChainState::fields((*surrogate).chain, [&visit](const std::string& name, auto& member) {
      visit("/state/surrogate/chain/" + name, member);
    });
  const auto learnt = [&visit](const std::string& at, auto& diagonal) {
    if (is_there(visit, at + "pairs", diagonal.pairs > 0))
      LearntDiagonal::fields(diagonal, [&](const char* name, auto& member) { visit(at + name, member); });
  };
  learnt("/state/diagonal/", secants.diagonal);
  if (surrogate.begun()) {
    learnt("/state/surrogate/diagonal/", (*surrogate).diagonal);
    learnt("/state/surrogate/guard/diagonal/", (*surrogate).guard.diagonal);
  }
  if (is_there(visit, "/state/surrogate/knows_hessian", surrogate.begun() && surrogate->knows_hessian != 0))
    visit("/state/surrogate/knows_hessian", (*surrogate).knows_hessian);
  auto& [step, moments] = optimizer;
  visit("/optimizer/step", step);
  visit("/optimizer/moments", moments);
  visit("/accounting/evaluations", evaluations);
  visit("/accounting/seconds", seconds);
  visit("/history", history);
}

}  // namespace optex
