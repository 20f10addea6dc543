#include "optex/methods/box_step.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace optex {
namespace {

/// Where the path meets the limit of a coordinate; the order breaks ties by the coordinate.
using Meeting = std::pair<double, Index>;

}  // namespace

CauchyPoint cauchy_point(const CompactHessian& hessian, const Bounds& bounds, ConstVectorRef theta,
                         ConstVectorRef gradient) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Vector& b = hessian.diagonal();
  Vector direction = -gradient.cwiseQuotient(b);
  bounds.hold(theta, direction);
  std::vector<Meeting> meetings;
  Index moving = 0;
  for (Index i = 0; i < theta.size(); ++i) {
    if (direction[i] == 0.0) continue;
    ++moving;
    const double limit = direction[i] < 0.0 ? bounds.lower(i) : bounds.upper(i);
    const double time = (limit - theta[i]) / direction[i];
    if (time < infinity) meetings.emplace_back(time, i);
  }
  std::make_heap(meetings.begin(), meetings.end(), std::greater<>());

  CauchyPoint found{Vector::Zero(theta.size()), Vector::Zero(hessian.rank()), {}};
  Vector along = hessian.transposed_times(direction);                  // p = W'd
  double slope = dot(direction, gradient);                             // f' = -d'D d
  double curvature = -slope - along.dot(hessian.middle_times(along));  // f''
  // Rounding must not make B indefinite.
  const double least_curvature = std::numeric_limits<double>::epsilon() * -slope;
  double time = 0.0;
  std::vector<bool> stopped(static_cast<std::size_t>(theta.size()), false);
  double ahead = 0.0;  // time from here to the minimum of the parabola
  while (true) {
    curvature = std::max(curvature, least_curvature);
    ahead = moving > 0 && slope < 0.0 ? -slope / curvature : 0.0;
    if (moving == 0 || meetings.empty() || ahead < meetings.front().first - time) break;
    std::pop_heap(meetings.begin(), meetings.end(), std::greater<>());
    const auto [meeting, i] = meetings.back();
    meetings.pop_back();
    const double passed = meeting - time;
    time = meeting;
    found.weights += passed * along;
    const double v = direction[i];
    found.step[i] = (direction[i] < 0.0 ? bounds.lower(i) : bounds.upper(i)) - theta[i];
    const Vector row = hessian.row(i);
    const Vector middle = hessian.middle_times(row);  // M w
    slope += passed * curvature - v * (gradient[i] + b[i] * found.step[i] - middle.dot(found.weights));
    curvature -= v * (b[i] * v - 2.0 * middle.dot(along) + v * middle.dot(row));
    along -= v * row;
    direction[i] = 0.0;
    stopped[static_cast<std::size_t>(i)] = true;
    --moving;
  }
  found.weights += ahead * along;
  time += ahead;
  for (Index i = 0; i < theta.size(); ++i) {
    if (stopped[static_cast<std::size_t>(i)]) continue;
    found.step[i] = time * direction[i];
    const double end = theta[i] + found.step[i];
    if (end > bounds.lower(i) && end < bounds.upper(i)) found.free.push_back(i);
  }
  return found;
}

Vector subspace_minimum(const CompactHessian& hessian, const CauchyPoint& cauchy, ConstVectorRef gradient) {
  const Vector weights = hessian.middle_times(cauchy.weights);
  const auto size = static_cast<Index>(cauchy.free.size());
  Vector reduced(size);  // minus the model's gradient at the Cauchy point
  for (Index k = 0; k < size; ++k) {
    const Index i = cauchy.free[static_cast<std::size_t>(k)];
    reduced[k] = -gradient[i] - hessian.diagonal()[i] * cauchy.step[i] + hessian.row(i).dot(weights);
  }
  const std::optional<Vector> further = hessian.solve_within(cauchy.free, reduced);
  if (!further) return {};
  Vector step = cauchy.step;
  for (Index k = 0; k < size; ++k) step[cauchy.free[static_cast<std::size_t>(k)]] += (*further)[k];
  return step;
}

Vector step_within(const Bounds& bounds, ConstVectorRef theta, ConstVectorRef gradient,
                   const CauchyPoint& cauchy, const Vector& wanted) {
  Vector step = wanted;
  bounds.shorten(theta, step);
  if (dot(step, gradient) < 0.0) return step;
  double share = 1.0;
  for (const Index i : cauchy.free) {
    const double further = wanted[i] - cauchy.step[i];
    const double end = theta[i] + cauchy.step[i];
    if (further < 0.0) share = std::min(share, (bounds.lower(i) - end) / further);
    if (further > 0.0) share = std::min(share, (bounds.upper(i) - end) / further);
  }
  step = cauchy.step + share * (wanted - cauchy.step);
  bounds.shorten(theta, step);
  return step;
}

}  // namespace optex
