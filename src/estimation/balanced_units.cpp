#include "optex/estimation/balanced_units.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>

namespace optex {
namespace {

constexpr double least_share = 1e-3;  // of the mean over the coordinates
constexpr double widest = 100.0;      // unit over the geometric mean
constexpr Index block_width = 256;    // coordinates at a time

}  // namespace

Units balanced_units(const GradientHistory& history) {
  const Index n = history.size(), d = history.dimension();
  if (n < 2) return {};
  const Vector squared_lengths = history.squared_distances().col(n - 1);

  Vector positions = Vector::Zero(d), gradients = Vector::Zero(d);
  Matrix theta_block, gradient_block;
  for (Index first = 0; first < d; first += block_width) {
    const Index count = std::min(block_width, d - first);
    theta_block.resize(count, n);
    gradient_block.resize(count, n);
    history.copy_coordinates(first, theta_block, gradient_block);
    for (Index i = 0; i + 1 < n; ++i) {
      if (!(squared_lengths[i] > 0.0)) continue;
      positions.segment(first, count) +=
          (theta_block.col(i) - theta_block.col(n - 1)).cwiseAbs2() / squared_lengths[i];
      gradients.segment(first, count) +=
          (gradient_block.col(i) - gradient_block.col(n - 1)).cwiseAbs2() / squared_lengths[i];
    }
  }
  const double mean_position = sum(positions) / static_cast<double>(d);
  const double mean_gradient = sum(gradients) / static_cast<double>(d);
  if (!(mean_position > 0.0) || !(mean_gradient > 0.0) || !std::isfinite(mean_gradient)) return {};

  Vector scale(d), logarithm(d);
  for (Index c = 0; c < d; ++c) {
    logarithm[c] = 0.25 * std::log((positions[c] / mean_position + least_share) /
                                   (gradients[c] / mean_gradient + least_share));
  }
  const double mean_logarithm = sum(logarithm) / static_cast<double>(d);
  for (Index c = 0; c < d; ++c)
    scale[c] = std::clamp(std::exp(logarithm[c] - mean_logarithm), 1.0 / widest, widest);
  return Units(std::move(scale));
}

}  // namespace optex
