#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace optex::test {

struct Total {
  double value = 0.0;
  Vector gradient;
};

/// F and its gradient, summed over all shards in order.
inline Total evaluate(const Objective& objective, ConstVectorRef theta, const SampleKey& key = {}) {
  Total total{0.0, Vector::Zero(objective.dimension())};
  Vector gradient(objective.dimension());
  for (Index shard = 0; shard < objective.shard_count(); ++shard) {
    gradient.setConstant(std::numeric_limits<double>::quiet_NaN());  // every entry must be written
    total.value += objective.value_and_gradient(theta, key, shard, gradient);
    total.gradient += gradient;
  }
  return total;
}

/// Error of the gradient along a unit vector against central differences, at the best of several steps (too
/// long: curvature; too short: round-off), relative to the slope or, where that happens to be small, to
/// |gradient| / 100.
inline double directional_error(const Objective& objective, const Vector& theta, const Vector& direction,
                                const SampleKey& key) {
  const Vector gradient = evaluate(objective, theta, key).gradient;
  const double slope = dot(gradient, direction);
  const double scale = std::max({std::abs(slope), 0.01 * norm(gradient), std::numeric_limits<double>::min()});
  double best = std::numeric_limits<double>::infinity();
  for (double step = 1e-1; step > 1e-8; step /= std::sqrt(10.0)) {
    const double ahead = evaluate(objective, theta + step * direction, key).value;
    const double behind = evaluate(objective, theta - step * direction, key).value;
    best = std::min(best, std::abs((ahead - behind) / (2 * step) - slope) / scale);
  }
  return best;
}

/// The worst directional_error() over random directions and, up to d = 64, over all coordinates.
inline double gradient_error(const Objective& objective, const Vector& theta, const SampleKey& key = {}) {
  const Index d = objective.dimension();
  double worst = 0.0;
  for (std::int32_t k = 0; k < 5; ++k) {
    SampleKey draw;
    draw.point = k;
    const CounterRandom random(draw, Stream::direction);
    Vector direction(d);
    for (Index i = 0; i < d; ++i) direction[i] = random.normal(static_cast<std::uint64_t>(i));
    direction /= norm(direction);
    worst = std::max(worst, directional_error(objective, theta, direction, key));
  }
  for (Index i = 0; d <= 64 && i < d; ++i)
    worst = std::max(worst, directional_error(objective, theta, Vector::Unit(d, i), key));
  return worst;
}

}  // namespace optex::test
