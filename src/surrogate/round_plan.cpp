#include "optex/surrogate/round_plan.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"
#include "optex/surrogate/row_span.hpp"
#include "optex/surrogate/scaled_rows.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "probes.hpp"

namespace optex {
namespace {

constexpr double line_length = 4.0;     // how far the last residual is followed, in Newton lengths
constexpr Index line_from = 7;          // points of the model
constexpr Index some_points = 8;        // N with a probe beside the ladder,
constexpr Index many_points = 16;       // with a step beyond Newton's,
constexpr Index very_many_points = 32;  // and with six on the ladder
constexpr double beyond_newton = 2.0;   // as of a function of fourth order near its minimum
constexpr double least_cosine = 1e-12;  // of step and change: what counts as curvature
constexpr double shortest = 1e-9;       // probe, as a share of |b|
constexpr double no_division_by_zero = 1e-300;

/// Bounds of gamma and, where it is not known, its value, by the newest pairs.
void learn_outside(const Matrix& products, Index pairs, Index newcomers, ModelMemory& model) {
  double along = 0.0;
  double squares = 0.0;
  double least = std::numeric_limits<double>::infinity();
  double most = 0.0;
  for (Index i = pairs - newcomers; i < pairs; ++i) {
    const double ss = products(i, i);
    const double sy = products(i, pairs + i);
    const double yy = products(pairs + i, pairs + i);
    along += sy / (ss + no_division_by_zero);
    squares += yy / (ss + no_division_by_zero);
    if (!(sy > least_cosine * std::sqrt(ss * yy))) continue;
    least = std::min(least, sy / ss);
    most = std::max(most, yy / sy);
  }
  if (std::isnan(model.outside)) {
    if (newcomers == 0)
      model.outside = 1.0;
    else
      model.outside = along > 0.0 ? squares / along : std::sqrt(squares / static_cast<double>(newcomers));
  }
  if (most > 0.0) {
    model.outside_least = 0.01 * least;
    model.outside_most = most;
  }
}

/// How many steps the ladder has.
Index rungs(const PlanInput& input) {
  if (input.confident) return 1;
  const Index most = std::max<Index>(1, input.points - 1);
  if (input.first) return std::min<Index>(4, most);
  if (input.parallelism >= very_many_points) return 6;
  if (input.parallelism < some_points) return std::min(input.rules.ladder_of_few, input.points);
  return std::min<Index>(3, most);
}

/// Steps within the radius of trust and shares of it, by their coordinates, and their lengths.
struct Ladder {
  std::vector<Vector> steps;
  std::vector<double> lengths;
  double newton_length = 0.0;

  void add(Vector step, const CompletedHessian& hessian) {
    lengths.push_back(std::sqrt(hessian.squared_length(step)));
    steps.push_back(std::move(step));
  }
};

Ladder ladder_of(const PlanInput& input, const QuadraticModel& model, const Vector& gradient) {
  const CompletedHessian& hessian = model.hessian();
  DampedSteps damped(hessian, gradient);
  const double full = damped.newton_length();
  Ladder ladder;
  ladder.newton_length = full;
  ladder.add(damped.within(std::min(input.radius, full)), hessian);
  const double first = ladder.lengths.front();
  const bool free = first >= 0.999 * full;
  constexpr double shares[] = {0.3, 3.0, 0.1, 0.6, 1.7};
  for (Index k = 0; k + 1 < rungs(input); ++k) {
    const double share = shares[k];
    if (share > 1.0 && free) {
      if (k == 1 && input.parallelism >= many_points) ladder.add(beyond_newton * damped.newton(), hessian);
      continue;
    }
    const bool shorter = share < 1.0 || input.radius < full;
    ladder.add(shorter ? damped.within(share * first) : Vector(0.7 * share * damped.newton()), hessian);
  }
  if (input.points >= line_from && !input.first && free && model.knows_directions()) {
    const Vector direction = model.residual(gradient).direction;
    ladder.add(ladder.steps.front() - (line_length - 1.0) / hessian.outside() * direction, hessian);
  }
  return ladder;
}

}  // namespace

Vector random_signs(const SampleKey& key, Index number, Index length) {
  const CounterRandom random(key, Stream::direction);
  const auto first = static_cast<std::uint64_t>(number * whole_length(length) + first_coordinate(length));
  Vector signs(length);
  for (Index i = 0; i < length; ++i)
    signs[i] = (random.bits(first + static_cast<std::uint64_t>(i)) & 1U) != 0U ? -1.0 : 1.0;
  return signs;
}

std::optional<RoundPlan> plan_round(const PlanInput& input, ModelMemory memory) {
  if (input.pairs.size() == 0) return std::nullopt;
  const ScaledRows rows(input.pairs, input.scale, input.known, input.best_theta, input.best_gradient,
                        memory.residual);
  const Matrix& products = rows.products();
  const Index n = rows.pairs();
  const Index d = rows.length();
  if (!products.allFinite() || !rows.middles().allFinite()) return std::nullopt;
  learn_outside(products, n, input.newcomers, memory);
  if (!(memory.outside > 0.0) || !std::isfinite(memory.outside)) return std::nullopt;

  const RowSpan span(products, whole_length(d), n);
  const Matrix& coordinates = span.coordinates();
  const Vector gradient = coordinates.row(rows.gradient());
  std::optional<Residual> before;
  if (rows.has_residual()) before = Residual{coordinates.row(rows.residual()), memory.residual_square};
  const QuadraticModel model({coordinates.topLeftCorner(n, span.first_rank()), coordinates.middleRows(n, n),
                              span.project(rows.middles(), span.first_rank()), products.topLeftCorner(n, n),
                              products.block(0, n, n, n), input.pairs.held_shares()},
                             {memory.outside, memory.outside_least, memory.outside_most}, input.rules,
                             before);

  RoundPlan plan;
  const CompletedHessian& hessian = model.hessian();
  const Ladder ladder = ladder_of(input, model, gradient);
  const auto on_ladder = std::min<Index>(std::ssize(ladder.steps), input.points);
  Matrix steps(span.rank(), on_ladder);
  for (Index k = 0; k < on_ladder; ++k) steps.col(k) = ladder.steps[static_cast<std::size_t>(k)];
  plan.radii.assign(ladder.lengths.begin(), ladder.lengths.begin() + on_ladder);
  plan.predicted = -(gradient.dot(steps.col(0)) + 0.5 * ladder.lengths.front() * ladder.lengths.front());
  plan.newton_fall = 0.5 * ladder.newton_length * ladder.newton_length;
  plan.squared_noise = model.noise().by_distance;

  Matrix weights = span.weights(steps);  // r x k
  Matrix left;                           // probes less the first step, d x k
  const Vector centre = weights.col(0);
  Index random = 0;
  if (on_ladder < input.points) {
    const double least = input.scale ? 0.0 : shortest * norm(input.best_theta);
    Probes probes(rows, span, model, centre, plan.radii.front(), least);
    const Matrix made = probes.from_changes(input.newcomers, input.points - on_ladder);
    weights.conservativeResize(Eigen::NoChange, on_ladder + made.cols());
    weights.rightCols(made.cols()) = made;
    random = input.points - weights.cols();
    if (random > 0) left = probes.from_random_signs(input.key, random);
  }
  // One combination makes all of them, and what the next round wants to know of this one.
  Matrix wanted(weights.rows(), weights.cols() + 1);
  wanted.leftCols(weights.cols()) = weights;
  memory.outside = hessian.outside();
  wanted.rightCols(1).setZero();
  if (model.knows_directions()) {
    const Residual residual = model.residual(gradient);
    memory.residual_square = residual.squared_norm;
    wanted.rightCols(1) = span.weights(residual.direction);
  }
  Matrix made(d, 0);
  {
    const Matrix combined = row_combinations(rows.rows(), wanted, d);
    made.resize(d, combined.cols() + random);
    made.leftCols(weights.cols()) = combined.leftCols(weights.cols());
    for (Index k = 0; k < random; ++k) made.col(weights.cols() + k) = combined.col(0) + left.col(k);
    made.rightCols(1) = combined.rightCols(1);
  }
  made = rows.in_theta(std::move(made));
  if (model.knows_directions())
    memory.residual = memory.residual_square > 0.0 ? Vector(made.rightCols(1)) : Vector();
  plan.steps = made.leftCols(input.points);
  if (!holds_for_all(d, plan.steps.allFinite()) || !std::isfinite(plan.predicted)) return std::nullopt;
  plan.model = std::move(memory);
  return plan;
}

}  // namespace optex
