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

/// A pair whose step and change are this close to orthogonal, by cosine, knows no curvature.
constexpr double smallest_cosine = std::numeric_limits<double>::epsilon();

bool has_curvature(ConstVectorRef step, ConstVectorRef change) {
  return dot(step, change) > smallest_cosine * norm(step) * norm(change);
}

/// -H g by the two-loop recursion (algorithm 7.4), H built from the pairs about (s'y / y'y) I of the newest;
/// `direction` comes in as -g.
void apply_inverse_hessian(const SecantPairs& pairs, Vector& direction) {
  std::vector<double> products, weights;  // s'y; newest first
  double scale = 1.0;
  for (Index age = 0; age < pairs.size(); ++age) {
    products.push_back(dot(pairs.step(age), pairs.change(age)));
    if (age == 0) scale = products.front() / squared_norm(pairs.change(age));
  }
  for (Index age = 0; age < pairs.size(); ++age) {
    weights.push_back(dot(pairs.step(age), direction) / products[static_cast<std::size_t>(age)]);
    direction -= weights.back() * pairs.change(age);
  }
  direction *= scale;
  for (Index age = pairs.size() - 1; age >= 0; --age) {
    const auto k = static_cast<std::size_t>(age);
    const double weight = dot(pairs.change(age), direction) / products[k];
    direction += (weights[k] - weight) * pairs.step(age);
  }
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
  run.secants.keep_newest(0);
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
    if (has_curvature(step, change)) run.secants.push(step, change);
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
  CauchyPoint cauchy;
  bool all_free = true;
  std::optional<CompactHessian> hessian;
  if (!bounds_.none()) {
    hessian = CompactHessian::of(pairs);
    if (!hessian) return false;
    cauchy = cauchy_point(*hessian, bounds_, run.theta, gradient);
    all_free = std::ssize(cauchy.free) == run.theta.size();
  }
  // The minimum over all coordinates is the step of L-BFGS without a box.
  if (all_free)
    apply_inverse_hessian(pairs, run.direction);
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
    run.secants.keep_newest(0);
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
