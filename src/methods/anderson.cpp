#include "optex/methods/anderson.hpp"

#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/secant_start.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/SVD>

namespace optex {
namespace {

constexpr double largest_condition = 1e8;

/// Weights a of the newest pairs, by age, with |f - R a| smallest; fewer than there are pairs when the older
/// ones add nothing but round-off. Modified Gram-Schmidt, every product in a fixed order.
Vector combination_weights(const SecantPairs& pairs, const Vector& residual) {
  const Index m = pairs.size();
  Matrix q(residual.size(), m);
  Matrix r = Matrix::Zero(m, m);
  Vector lengths(m), products(m);
  Vector rest = residual;
  Index used = 0;
  for (; used < m; ++used) {
    lengths[used] = norm(pairs.change(used));
    if (!(lengths[used] > 0.0)) break;
    auto column = q.col(used);
    column = pairs.change(used) / lengths[used];
    for (Index i = 0; i < used; ++i) {
      r(i, used) = dot(q.col(i), column);
      column -= r(i, used) * q.col(i);
    }
    r(used, used) = norm(column);
    if (!(r(used, used) * largest_condition > 1.0)) break;
    column /= r(used, used);
    const Vector values = r.topLeftCorner(used + 1, used + 1).jacobiSvd().singularValues();
    if (!(values[used] * largest_condition > values[0])) break;
    products[used] = dot(column, rest);
    rest -= products[used] * column;
  }
  const Vector weights =
      r.topLeftCorner(used, used).triangularView<Eigen::Upper>().solve(products.head(used));
  return weights.cwiseQuotient(lengths.head(used));
}

constexpr double smallest = 1e-290, largest = 1e300;  // of sums of products that are to be trusted

/// |a| < |b|; where the squares leave the range of numbers, too.
bool is_shorter(const Vector& a, const Vector& b) {
  const double x = squared_norm(a), y = squared_norm(b);
  const bool in_range = std::min(x, y) >= smallest && std::max(x, y) <= largest;
  return in_range ? x < y : norm(a) < norm(b);
}

/// step'g < 0; where the products leave the range of numbers, too.
bool leads_downhill(const Vector& step, const Vector& gradient) {
  const double slope = dot(step, gradient), size = std::abs(slope);
  if (size >= smallest && size <= largest) return slope < 0.0;
  return dot(step / norm(step), gradient / norm(gradient)) < 0.0;
}

}  // namespace

RunState Anderson::initial_state(ConstVectorRef theta) const {
  return secant_start(theta, options_.bounds, options_.memory);
}

Vector Anderson::residual(ConstVectorRef theta, ConstVectorRef gradient) const {
  Vector next = theta - options_.learning_rate * gradient;
  options_.bounds.project(next);
  return next - theta;
}

IterationReport Anderson::iterate(RunState& run) {
  IterationReport report;
  report.update = "anderson";
  const std::vector<Evaluation> truth =
      evaluate_one(evaluator_, {.seed = options_.seed, .iteration = run.iteration}, run.theta, report);
  const Stopwatch watch;
  SecantState& memory = run.secants;
  if (memory.extrapolated == 0) usable_truth(truth, run);  // a plain step that fails ends the run
  const Evaluation& found = truth.front();
  const bool usable = is_usable(found), first = memory.base_gradient.size() == 0;
  book(run, found, usable, report);
  const Vector before = first ? Vector() : residual(memory.base_theta, memory.base_gradient);  // f there
  const Vector now = usable ? residual(run.theta, found.gradient) : Vector();
  const bool worse =
      memory.extrapolated != 0 && !(usable && (found.value < memory.base_value || is_shorter(now, before)));
  report.accepted = worse ? 0 : 1;
  if (worse)
    take_back(run, before);  // theta <- base + f
  else
    extrapolate(run, found, now, before);  // theta <- theta + f - (X + R) a
  options_.bounds.project(run.theta);
  report.iteration = ++run.iteration;
  report.seconds_in.update = watch.seconds();
  return report;
}

void Anderson::book(RunState& run, const Evaluation& found, bool usable, IterationReport& report) const {
  report.dropped_points = usable ? 0 : 1;
  if (usable) report.lowest_value = found.value;
  report.evaluations = run.evaluations += found.gradients;
  if (usable) run.best.note(found.value, run.theta, found.gradient);
  report.value = usable ? found.value : run.secants.base_value;
  report.gradient_norm =
      usable ? options_.bounds.gradient_norm(run.theta, found.gradient)
             : options_.bounds.gradient_norm(run.secants.base_theta, run.secants.base_gradient);
  report.best_value = run.best.value;
}

/// The plain step from the iterate before, with an empty memory.
void Anderson::take_back(RunState& run, const Vector& base_residual) {
  SecantState& memory = run.secants;
  memory.pairs.keep_newest(0);
  run.theta = memory.base_theta + base_residual;
  memory.extrapolated = 0;
}

/// The combination from an iterate that is kept, or the plain step where that leads uphill.
void Anderson::extrapolate(RunState& run, const Evaluation& found, const Vector& now,
                           const Vector& base_residual) const {
  SecantState& memory = run.secants;
  if (base_residual.size() > 0)
    memory.pairs.push(run.theta - memory.base_theta, now - base_residual);  // columns of X and R
  memory.base_theta = run.theta;
  memory.base_gradient = found.gradient;
  memory.base_value = found.value;
  const Vector weights = combination_weights(memory.pairs, now);  // a
  memory.pairs.keep_newest(weights.size());
  Vector next = memory.base_theta + now;
  for (Index age = 0; age < weights.size(); ++age)
    next -= weights[age] * (memory.pairs.step(age) + memory.pairs.change(age));
  options_.bounds.project(next);
  const bool combines = weights.size() > 0 && all_finite(next) &&
                        leads_downhill(next - memory.base_theta, memory.base_gradient);
  run.theta = combines ? next : Vector(memory.base_theta + now);
  memory.extrapolated = combines ? 1 : 0;
}

std::optional<Ending> Anderson::finished(const RunState& run) const {
  if (run.secants.extrapolated != 0 || run.secants.base_theta.size() == 0 ||
      run.theta != run.secants.base_theta)
    return std::nullopt;
  return Ending{"stationary",
                "the next step is too short to change the iterate: a stationary point, or a learning rate "
                "that is far too small"};
}

}  // namespace optex
