#include "optex/methods/anderson.hpp"

#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/secant_state.hpp"
#include "optex/methods/truth.hpp"

#include <algorithm>
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

/// |a| < |b|; where the squares leave the range of numbers, too.
bool is_shorter(const Vector& a, const Vector& b) {
  constexpr double smallest = 1e-290, largest = 1e300;
  const double x = squared_norm(a), y = squared_norm(b);
  const bool in_range = std::min(x, y) >= smallest && std::max(x, y) <= largest;
  return in_range ? x < y : norm(a) < norm(b);
}

}  // namespace

RunState Anderson::initial_state(ConstVectorRef theta) const {
  return secant_state(theta, options_.bounds, options_.memory);
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
  if (run.extrapolated == 0) usable_truth(truth, run);  // a plain step that fails ends the run, as without us

  const Evaluation& found = truth.front();
  const bool usable = is_usable(found);
  report.dropped_points = usable ? 0 : 1;
  report.evaluations = run.evaluations += found.gradients;
  if (usable) note_best(run, found.value, run.theta, found.gradient);
  const bool first = run.base_gradient.size() == 0;
  const Vector base_residual = first ? Vector() : residual(run.base_theta, run.base_gradient);
  const Vector now = usable ? residual(run.theta, found.gradient) : Vector();
  report.value = usable ? found.value : run.base_value;
  report.gradient_norm = usable ? options_.bounds.gradient_norm(run.theta, found.gradient)
                                : options_.bounds.gradient_norm(run.base_theta, run.base_gradient);
  const bool worse = run.extrapolated != 0 &&
                     (!usable || (!(found.value < run.base_value) && !is_shorter(now, base_residual)));
  if (worse) {
    run.secants.keep_newest(0);
    run.theta = run.base_theta + base_residual;
    run.extrapolated = 0;
    report.accepted = 0;
  } else {
    if (!first) run.secants.push(run.theta - run.base_theta, now - base_residual);
    run.base_theta = run.theta;
    run.base_gradient = found.gradient;
    run.base_value = found.value;
    const Vector weights = combination_weights(run.secants, now);
    run.secants.keep_newest(weights.size());
    Vector next = run.base_theta + now;
    for (Index age = 0; age < weights.size(); ++age)
      next -= weights[age] * (run.secants.step(age) + run.secants.change(age));
    options_.bounds.project(next);
    const bool combines =
        weights.size() > 0 && all_finite(next) && dot(next - run.base_theta, run.base_gradient) < 0.0;
    run.theta = combines ? next : Vector(run.base_theta + now);
    run.extrapolated = combines ? 1 : 0;
  }
  options_.bounds.project(run.theta);
  report.best_value = run.best_value;
  report.iteration = ++run.iteration;
  report.seconds_in.update = watch.seconds();
  return report;
}

std::optional<Ending> Anderson::finished(const RunState& run) const {
  if (run.extrapolated != 0 || run.base_theta.size() == 0 || run.theta != run.base_theta) return std::nullopt;
  return Ending{"stationary",
                "the next step is too short to change the iterate: a stationary point, or a learning rate "
                "that is far too small"};
}

}  // namespace optex
