#include "optex/methods/lbfgs_steps.hpp"

#include "optex/core/reductions.hpp"
#include "optex/methods/box_step.hpp"
#include "optex/methods/compact_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace optex {
namespace {

/// The diagonal of the matrix H_0 that H is built from: by what was learnt, else (s'y / y'y) I of the newest
/// pair; I without pairs.
Vector inverse_of_initial(const LbfgsParts& run) {
  constexpr double needed_gain = 0.1;
  const SecantPairs& pairs = run.secants;
  if (pairs.size() == 0) return Vector::Ones(run.theta.size());
  if (run.diagonal.tells_more_by(needed_gain)) return run.diagonal.entries.cwiseInverse();
  return Vector::Constant(run.theta.size(),
                          dot(pairs.step(0), pairs.change(0)) / squared_norm(pairs.change(0)));
}

/// -H g by the two-loop recursion (algorithm 7.4), H built from the pairs about diag(initial); `direction`
/// comes in as -g.
void apply_inverse_hessian(const SecantPairs& pairs, const Vector& initial, Vector& direction) {
  std::vector<double> products, weights;  // s'y; newest first
  for (Index age = 0; age < pairs.size(); ++age) {
    products.push_back(dot(pairs.step(age), pairs.change(age)));
    weights.push_back(dot(pairs.step(age), direction) / products.back());
    direction -= weights.back() * pairs.change(age);
  }
  direction.array() *= initial.array();
  for (Index age = pairs.size() - 1; age >= 0; --age) {
    const auto k = static_cast<std::size_t>(age);
    const double weight = dot(pairs.change(age), direction) / products[k];
    direction += (weights[k] - weight) * pairs.step(age);
  }
}

/// Of L-BFGS: nothing is known of the Hessian any more.
void forget_pairs(const LbfgsParts& run) {
  run.secants.keep_newest(0);
  run.diagonal.forget();
}

}  // namespace

Vector LbfgsSteps::next_point(ConstVectorRef theta, const Vector& direction, const LineSearch& search) const {
  if (search.phase == LineSearch::idle) return theta;
  return bounds_.moved(theta, direction, search.step);
}

bool LbfgsSteps::take_in(const LbfgsParts& run, const Vector& point, const Evaluation& found,
                         bool usable) const {
  if (usable && found.value < run.best_value) {
    run.best_value = found.value;
    run.best_theta = point;
    run.best_gradient = found.gradient;
  }
  if (run.base_gradient.size() > 0) return advance(run, point, found, usable);
  move_to(run, point, found.value, found.gradient);
  begin_search(run);
  return false;
}

/// Takes in one evaluation of the line search; true when theta moved.
bool LbfgsSteps::advance(const LbfgsParts& run, const Vector& trial, const Evaluation& truth,
                         bool usable) const {
  LineSearch& search = run.line_search;
  LinePoint found{search.step, std::numeric_limits<double>::infinity(), 0.0};
  bool lowers_enough = false;
  if (usable) {
    found.value = truth.value;
    found.slope = dot(run.direction, truth.gradient);
    lowers_enough = found.value <= run.base_value + line_search_decrease * search.step * search.start.slope;
  }
  const double longest = bounds_.longest(run.theta, run.direction);
  switch (advance_line_search(search, found, lowers_enough, longest)) {
    case LineSearchVerdict::goes_on:
      return false;
    case LineSearchVerdict::accepted:
      move_to(run, trial, truth.value, truth.gradient);
      begin_search(run);
      return true;
    case LineSearchVerdict::failed:
      break;
  }
  const bool found_better = run.best_value < run.base_value;
  const bool was_steepest = run.secants.size() == 0;
  if (found_better) {
    const Vector best = run.best_theta;
    const Vector gradient = run.best_gradient;
    move_to(run, best, run.best_value, gradient);
  }
  forget_pairs(run);
  if (found_better || !was_steepest)
    begin_search(run);
  else
    search.phase = LineSearch::given_up;
  return found_better;
}

void LbfgsSteps::move_to(const LbfgsParts& run, ConstVectorRef theta, double value,
                         ConstVectorRef gradient) const {
  if (run.base_gradient.size() > 0) {
    const Vector step = theta - run.theta;
    const Vector change = gradient - run.base_gradient;
    if (has_curvature(step, change)) {
      run.secants.push(step, change);
      if (learns_diagonal_) run.diagonal.learn(step, change);
    }
  }
  run.theta = theta;
  run.base_value = value;
  run.base_gradient = gradient;
}

/// Sets the direction; false when it is not downhill.
bool LbfgsSteps::choose_direction(const LbfgsParts& run, const Vector& steepest) const {
  const SecantPairs& pairs = run.secants;
  const Vector& gradient = run.base_gradient;
  run.direction = steepest;
  const Vector inverse = inverse_of_initial(run);
  Vector b;  // 1 / inverse
  CauchyPoint cauchy;
  bool all_free = true;
  std::optional<CompactHessian> hessian;
  if (!bounds_.none()) {
    b = inverse.cwiseInverse();
    hessian = CompactHessian::of(pairs, b);
    if (!hessian) return false;
    cauchy = cauchy_point(*hessian, bounds_, run.theta, gradient);
    all_free = std::ssize(cauchy.free) == run.theta.size();
  }
  // The minimum over all coordinates is the step of L-BFGS without a box.
  if (all_free)
    apply_inverse_hessian(pairs, inverse, run.direction);
  else
    run.direction = subspace_minimum(*hessian, cauchy, gradient);
  if (run.direction.size() == 0) return false;
  if (!bounds_.none()) run.direction = step_within(bounds_, run.theta, gradient, cauchy, run.direction);
  return all_finite(run.direction) && dot(run.direction, gradient) < 0.0;
}

void LbfgsSteps::begin_search(const LbfgsParts& run) const {
  Vector steepest = -run.base_gradient;
  bounds_.hold(run.theta, steepest);
  const double length = norm(steepest);
  if (length == 0.0) {
    run.line_search = LineSearch();
    run.line_search.phase = LineSearch::stationary;
    return;
  }
  if (!choose_direction(run, steepest)) {
    forget_pairs(run);
    if (!choose_direction(run, steepest)) {
      run.line_search.phase = LineSearch::given_up;
      return;
    }
  }
  const bool is_steepest = run.secants.size() == 0 && run.direction == steepest;
  const double slope = is_steepest ? -length * length : dot(run.direction, run.base_gradient);
  begin_line_search(run.line_search, run.base_value, slope, first_step(run));
}

/// Only the pairs know about scales: without any the first step is no longer than 1; and the very first one
/// of a run is long enough to change F, later ones theta, however they are scaled.
double LbfgsSteps::first_step(const LbfgsParts& run) const {
  if (run.secants.size() > 0) return 1.0;
  const double length = norm(run.direction);
  const double usual = std::min(1.0, 1.0 / length);
  const double visible = run.secants.pushed > 0 ? 0x1p-50 : 0x1p-26;  // relative
  const double least =
      std::min(visible * norm(run.theta) / length, bounds_.longest(run.theta, run.direction));
  return std::max(usual, least);
}

}  // namespace optex
