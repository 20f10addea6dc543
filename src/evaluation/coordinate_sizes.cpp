#include "coordinate_sizes.hpp"

#include "optex/core/random.hpp"
#include "optex/evaluation/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace optex {

bool is_between(const Bounds& bounds, Index i) {
  constexpr double far = 1e6;  // larger numbers are meant as "none"
  return std::abs(bounds.lower(i)) <= far && std::abs(bounds.upper(i)) <= far;
}

Vector coordinate_sizes(ConstVectorRef theta, const Bounds& bounds) {
  std::vector<double> known;
  for (Index i = 0; i < theta.size(); ++i)
    if (theta[i] != 0.0) known.push_back(std::abs(theta[i]));
  double typical = 1.0;
  if (!known.empty()) {
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::nth_element(known.begin(), middle, known.end());
    typical = *middle;
  }
  Vector sizes = theta.cwiseAbs();
  for (Index i = 0; i < sizes.size(); ++i)
    if (sizes[i] == 0.0) sizes[i] = is_between(bounds, i) ? bounds.upper(i) - bounds.lower(i) : typical;
  return sizes;
}

Vector off_the_bounds(ConstVectorRef theta, const Bounds& bounds) {
  constexpr double share = 0.01;
  Vector inside = theta;
  if (bounds.none()) return inside;
  const Vector sizes = coordinate_sizes(theta, bounds);
  for (Index i = 0; i < theta.size(); ++i) {
    const double width = bounds.upper(i) - bounds.lower(i);
    const double margin = std::min(share * sizes[i], 0.25 * width);
    inside[i] = std::clamp(theta[i], bounds.lower(i) + margin, bounds.upper(i) - margin);
  }
  return inside;
}

Vector room_within(ConstVectorRef theta, const Bounds& bounds, Vector sizes) {
  if (bounds.none()) return sizes;
  for (Index i = 0; i < sizes.size(); ++i)
    sizes[i] = std::max(0.0, std::min({sizes[i], theta[i] - bounds.lower(i), bounds.upper(i) - theta[i]}));
  return sizes;
}

Vector point_elsewhere(ConstVectorRef start, const Bounds& bounds, std::uint64_t seed, Index number,
                       double distance) {
  SampleKey key;
  key.seed = seed;
  key.point = static_cast<std::int32_t>(number);
  const CounterRandom random(key, Stream::direction);
  const Vector sizes = coordinate_sizes(start, bounds);
  Vector theta = start;
  for (Index i = 0; i < theta.size(); ++i) {
    const auto draw = static_cast<std::uint64_t>(i);
    if (is_between(bounds, i)) {
      const double there = bounds.lower(i) + random.uniform(draw) * (bounds.upper(i) - bounds.lower(i));
      theta[i] += distance * (there - theta[i]);
    } else {
      theta[i] += distance * sizes[i] * random.normal(draw);
    }
  }
  bounds.project(theta);
  return theta;
}

}  // namespace optex
