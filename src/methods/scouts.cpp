#include "optex/methods/scouts.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"
#include "optex/estimation/explored_span.hpp"
#include "optex/estimation/newton_steps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>

namespace optex {
namespace {

constexpr double longest_step = 4.0;  // in units of the largest distance of an entry from b
constexpr double probe_length = 0.3;  // in units of the first Newton step
constexpr Index probes_from = 4;      // points a round

struct NewtonPoints {
  std::vector<Vector> steps;  // p
  std::vector<double> dampings;
};

/// b with its gradient in the units of the scouts.
struct Centre {
  Vector point, gradient;  // d
};

NewtonPoints newton_points(const RunState& run, const Centre& centre, const ScoutInput& input) {
  const Vector& gradient = centre.gradient;
  Vector distances(input.history.size());
  input.history.squared_distances_to(centre.point, distances);
  const double farthest = std::sqrt(distances.maxCoeff());
  const double slope = input.posterior.hyperparameters().slope;
  const double unit = slope > 0.0 ? slope : norm(gradient) / farthest;
  NewtonPoints points;
  if (!(farthest > 0.0) || !(unit > 0.0)) return points;
  const NewtonSteps newton(input.posterior, input.history, input.kernel, centre.point, gradient);
  for (Index k = 0; k < run.newton_points; ++k) {
    Vector step = newton.step(unit * scout_damping_order[k]);
    if (!all_finite(step) || !(dot(step, gradient) < 0.0)) continue;
    step *= std::min(1.0, longest_step * farthest / norm(step));
    points.steps.push_back(std::move(step));
    points.dampings.push_back(scout_damping_order[k]);
  }
  return points;
}

/// Leading directions, of unit length, of the divided differences Y_k = (g_k - g_b) / |theta_k - b| of the
/// newcomers outside the explored span: the eigenvectors of the Gram matrix of what is left of the Y_k.
std::vector<Vector> krylov_directions(const HistoryInUnits& history, const Centre& centre,
                                      const ExploredSpan& span, Index newcomers, Index count) {
  const Index n = history.size();
  const Vector newest_gradient = history.gradient(n - 1);
  const Vector newest_theta = history.theta(n - 1);
  const Vector& b = centre.point;
  const Vector u = b - newest_theta;                   // x_i = theta_i - theta_n, so theta_i - b = x_i - u
  const Vector w = centre.gradient - newest_gradient;  // g_i - g_b = r_i - w
  Vector u_on_x(n), u_on_r(n), w_on_x(n), w_on_r(n);
  history.products_about_newest(u, u_on_x, u_on_r);
  history.products_about_newest(w, w_on_x, w_on_r);
  const Matrix x_on_r = history.cross_products_about_newest();
  const Matrix gradient_distances = history.squared_gradient_distances();
  const double u_on_w = dot(u, w);
  const double w_on_w = squared_norm(w);

  std::vector<Index> entries;
  for (Index i = std::max<Index>(n - newcomers, 0); i < n; ++i)
    if (span.distances()[i] > 0.0) entries.push_back(i);
  const auto m = static_cast<Index>(entries.size());
  if (m == 0) return {};
  const auto entry = [&](Index k) { return entries[static_cast<std::size_t>(k)]; };

  Matrix products(m, m);      // Y Y'
  Matrix coefficients(n, m);  // of the projections of the Y_k onto the span
  Matrix on_span(n, m);       // (theta_i - b)'Y_k
  for (Index k = 0; k < m; ++k) {
    const double scale = 1.0 / span.distances()[entry(k)];
    for (Index i = 0; i < n; ++i)
      on_span(i, k) = (x_on_r(i, entry(k)) - u_on_r[entry(k)] - w_on_x[i] + u_on_w) * scale;
    coefficients.col(k) = span.coefficients(on_span.col(k));
    for (Index l = 0; l < m; ++l) {
      const double r_on_r = 0.5 * (gradient_distances(entry(k), n - 1) + gradient_distances(entry(l), n - 1) -
                                   gradient_distances(entry(k), entry(l)));
      products(k, l) =
          (r_on_r - w_on_r[entry(k)] - w_on_r[entry(l)] + w_on_w) * scale / span.distances()[entry(l)];
    }
  }
  const double whole = products.trace();
  Matrix rest = products - on_span.transpose() * coefficients;
  rest = 0.5 * (rest + rest.transpose()).eval();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(rest);

  std::vector<Vector> directions;
  for (Index k = m - 1; k >= 0 && static_cast<Index>(directions.size()) < count; --k) {
    if (!(eigen.eigenvalues()[k] > 1e-10 * whole)) break;
    Vector gradient_weights = Vector::Zero(n);
    for (Index l = 0; l < m; ++l)
      gradient_weights[entry(l)] = eigen.eigenvectors()(l, k) / span.distances()[entry(l)];
    Vector v(b.size());
    history.combine_about_newest(Vector::Zero(n), gradient_weights, v);
    v -= gradient_weights.sum() * w;
    const double before = norm(v);
    span.remove_from(v);
    span.remove_from(v);  // twice is enough (Kahan, Parlett)
    const double after = norm(v);
    if (!(after > 1e-6 * before)) continue;
    directions.push_back(v / after);
  }
  return directions;
}

/// The best gradient with random signs, outside the span and the other directions.
Vector random_direction(const Centre& centre, const ExploredSpan& span, const std::vector<Vector>& others,
                        const CounterRandom& random, Index number) {
  Vector v = centre.gradient;
  const auto first = static_cast<std::uint64_t>(number * whole_length(v.size()) + first_coordinate(v.size()));
  for (Index i = 0; i < v.size(); ++i)
    if ((random.bits(first + static_cast<std::uint64_t>(i)) & 1U) != 0U) v[i] = -v[i];
  span.remove_from(v);
  for (const Vector& other : others) v -= dot(v, other) * other;
  return v / (norm(v) + 1e-300);
}

}  // namespace

void place_scouts(RunState& run, const ScoutInput& input) {
  const Units& units = input.history.units();
  const Centre centre{units.position(input.units.position(run.best_theta)),
                      units.gradient(input.units.gradient(run.best_gradient))};
  NewtonPoints newton = newton_points(run, centre, input);
  std::vector<Vector> steps = std::move(newton.steps);
  const Index missing = input.wanted - static_cast<Index>(steps.size());
  if (input.parallelism >= probes_from && !steps.empty() && missing > 0) {
    const double length = probe_length * norm(steps.front());
    const ExploredSpan span(input.history, centre.point);
    std::vector<Vector> directions = krylov_directions(input.history, centre, span, input.newcomers, missing);
    const CounterRandom random({.seed = input.seed, .iteration = run.iteration}, Stream::direction);
    while (static_cast<Index>(directions.size()) < missing)
      directions.push_back(
          random_direction(centre, span, directions, random, static_cast<Index>(directions.size())));
    for (const Vector& v : directions) {
      const double downhill = dot(v, centre.gradient) > 0.0 ? -length : length;
      steps.push_back(downhill * v);
    }
  }
  std::vector<Vector> points;
  std::vector<double> dampings;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    Vector point = run.best_theta + input.units.step_in_theta(units.step_in_theta(steps[k]));
    if (!input.bounds.none()) {
      input.bounds.project(point);
      if (!(dot_with_difference(run.best_gradient, point, run.best_theta) < 0.0)) continue;
    }
    points.push_back(std::move(point));
    if (k < newton.dampings.size()) dampings.push_back(newton.dampings[k]);
  }
  run.scouts.resize(run.best_theta.size(), static_cast<Index>(points.size()));
  for (std::size_t k = 0; k < points.size(); ++k) run.scouts.col(static_cast<Index>(k)) = points[k];
  run.scout_dampings = Eigen::Map<const Vector>(dampings.data(), static_cast<Index>(dampings.size()));
}

}  // namespace optex
