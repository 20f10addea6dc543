#include "optex/methods/lbfgs.hpp"

#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/secant_state.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace optex {
namespace {

/// A pair whose step and change are this close to orthogonal, by cosine, knows no curvature.
constexpr double smallest_cosine = std::numeric_limits<double>::epsilon();

bool has_curvature(double product, double squared_step, double squared_change) {
  return product > smallest_cosine * std::sqrt(squared_step) * std::sqrt(squared_change);
}

/// Some coordinates of long vectors, taken for the whole space: the others count as 0.
class Subspace {
 public:
  /// The coordinates where `steepest` moves or the gradient is 0: what the bounds do not hold.
  Subspace(ConstVectorRef gradient, ConstVectorRef steepest) {
    for (Index i = 0; i < gradient.size(); ++i)
      if (steepest[i] == 0.0 && gradient[i] != 0.0) left_out_.push_back(i);
  }
  void restrict(Vector& v) const {
    for (const Index i : left_out_) v[i] = 0.0;
  }
  Vector restricted(ConstVectorRef v) const {
    Vector copy = v;
    restrict(copy);
    return copy;
  }
  bool whole() const { return left_out_.empty(); }

 private:
  std::vector<Index> left_out_;
};

/// -H g by the two-loop recursion (algorithm 7.4), H built from the pairs in the subspace about
/// (s'y / y'y) I of the newest; `direction` comes in as -g in the subspace.
void apply_inverse_hessian(const SecantPairs& pairs, const Subspace& subspace, Vector& direction) {
  struct Used {
    Index age;
    double product;  // s'y
    double weight;
  };
  std::vector<Used> used;  // newest first
  double scale = 1.0;
  for (Index age = 0; age < pairs.size(); ++age) {
    double on_step = 0.0, on_change = 0.0, product = 0.0;
    if (subspace.whole()) {
      product = dot(pairs.step(age), pairs.change(age));
      on_step = squared_norm(pairs.step(age));
      on_change = squared_norm(pairs.change(age));
    } else {
      const Vector step = subspace.restricted(pairs.step(age));
      const Vector change = subspace.restricted(pairs.change(age));
      product = dot(step, change);
      on_step = squared_norm(step);
      on_change = squared_norm(change);
    }
    if (!has_curvature(product, on_step, on_change)) continue;
    if (used.empty()) scale = product / on_change;
    used.push_back({age, product, 0.0});
  }
  // The direction stays 0 outside the subspace, so products with it need no restriction of the pairs.
  for (Used& pair : used) {
    pair.weight = dot(pairs.step(pair.age), direction) / pair.product;
    direction -= pair.weight * pairs.change(pair.age);
    subspace.restrict(direction);
  }
  direction *= scale;
  for (auto pair = used.rbegin(); pair != used.rend(); ++pair) {
    const double weight = dot(pairs.change(pair->age), direction) / pair->product;
    direction += (pair->weight - weight) * pairs.step(pair->age);
    subspace.restrict(direction);
  }
}

}  // namespace

RunState Lbfgs::initial_state(ConstVectorRef theta) const {
  return secant_state(theta, options_.bounds, options_.memory);
}

IterationReport Lbfgs::iterate(RunState& run) {
  IterationReport report;
  report.update = "lbfgs";
  const bool first = run.base_gradient.size() == 0;
  Vector trial = run.theta;
  if (!first) {
    trial += run.line_search.step * run.direction;
    options_.bounds.project(trial);
  }
  const std::vector<Evaluation> truth =
      evaluate_one(evaluator_, {.seed = options_.seed, .iteration = run.iteration}, trial, report);
  const Stopwatch watch;
  if (first) usable_truth(truth, run);  // there is nothing to fall back on

  const Evaluation& found = truth.front();
  const bool usable = is_usable(found);
  report.dropped_points = usable ? 0 : 1;
  report.evaluations = run.evaluations += found.gradients;
  if (usable && found.value < run.best_value) {
    run.best_value = found.value;
    run.best_theta = trial;
    run.best_gradient = found.gradient;
  }
  if (first) {
    move_to(run, trial, found.value, found.gradient);
    begin_search(run);
    report.accepted = 0;
  } else {
    report.accepted = advance(run, trial, found, usable) ? 1 : 0;
  }
  report.value = run.base_value;
  report.gradient_norm = options_.bounds.gradient_norm(run.theta, run.base_gradient);
  report.best_value = run.best_value;
  report.iteration = ++run.iteration;
  report.seconds_in.update = watch.seconds();
  return report;
}

std::optional<Ending> Lbfgs::finished(const RunState& run) const {
  if (run.line_search.phase == LineSearch::stationary)
    return Ending{"stationary", "the gradient is 0: this is a stationary point"};
  if (run.line_search.phase == LineSearch::given_up)
    return Ending{"line_search",
                  "the line search finds no smaller value along the steepest descent: F is as small as its "
                  "precision allows, or the gradient is wrong (optex check --evaluate)"};
  return std::nullopt;
}

/// Takes in one evaluation of the line search; true when theta moved.
bool Lbfgs::advance(RunState& run, const Vector& trial, const Evaluation& truth, bool usable) const {
  LineSearch& search = run.line_search;
  LinePoint found{search.step, std::numeric_limits<double>::infinity(), 0.0};
  bool lowers_enough = false;
  bool bent = false;
  if (usable) {
    Vector moving = run.direction;
    options_.bounds.hold(trial, moving);
    bent = moving != run.direction;
    found.value = truth.value;
    found.slope = dot(moving, truth.gradient);
    const double predicted =
        bent ? dot_with_difference(run.base_gradient.data(), trial.data(), run.theta.data(), trial.size())
             : search.step * search.start.slope;
    lowers_enough = found.value <= run.base_value + line_search_decrease * predicted;
  }
  switch (advance_line_search(search, found, lowers_enough, bent)) {
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

void Lbfgs::move_to(RunState& run, ConstVectorRef theta, double value, ConstVectorRef gradient) const {
  if (run.base_gradient.size() > 0) {
    const Vector step = theta - run.theta;
    const Vector change = gradient - run.base_gradient;
    if (has_curvature(dot(step, change), squared_norm(step), squared_norm(change)))
      run.secants.push(step, change);
  }
  run.theta = theta;
  run.base_value = value;
  run.base_gradient = gradient;
}

void Lbfgs::begin_search(RunState& run) const {
  Vector steepest = -run.base_gradient;
  options_.bounds.hold(run.theta, steepest);
  const double length = norm(steepest);
  if (length == 0.0) {
    run.line_search = LineSearch();
    run.line_search.phase = LineSearch::stationary;
    return;
  }
  run.direction = steepest;
  double slope = -length * length;
  if (run.secants.size() > 0) {
    apply_inverse_hessian(run.secants, Subspace(run.base_gradient, steepest), run.direction);
    options_.bounds.hold(run.theta, run.direction);
    slope = dot(run.direction, run.base_gradient);
    if (!all_finite(run.direction) || !(slope < 0.0)) {
      run.secants.keep_newest(0);
      run.direction = steepest;
      slope = -length * length;
    }
  }
  // Only the pairs know about scales: without any the first step is no longer than 1.
  const double first_step = run.secants.size() > 0 ? 1.0 : std::min(1.0, 1.0 / length);
  begin_line_search(run.line_search, run.base_value, slope, first_step);
}

}  // namespace optex
