#include "optex/estimation/balanced_units.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>

#include "tile_kernels.hpp"

namespace optex {
namespace {

constexpr double least_share = 1e-3;  // of the mean over the coordinates
constexpr double widest = 100.0;      // unit over the geometric mean

/// Calls work(first, size) for every block of the coordinates, on all threads.
template <class Work>
void for_blocks(Index d, Work work) {
  parallel_for((d + tile::part - 1) / tile::part, 4,
               [&](Index block) { work(block * tile::part, std::min(tile::part, d - block * tile::part)); });
}

}  // namespace

Units balanced_units(const GradientHistory& history) {
  const Index n = history.size(), d = history.dimension();
  if (n < 2) return {};
  const Vector squared_lengths = history.squared_distances().col(n - 1);

  Vector positions = Vector::Zero(d), gradients = Vector::Zero(d);
  for_blocks(d, [&](Index first, Index size) {
    thread_local Matrix theta_block, gradient_block;
    theta_block.resize(size, n);
    gradient_block.resize(size, n);
    history.copy_coordinates(first, theta_block, gradient_block);
    const auto add = [&](const Matrix& rows, Index i, Vector& sums) {
      tile::add_weighted_squares(rows.col(i).data(), rows.col(n - 1).data(), 1.0 / squared_lengths[i],
                                 sums.data() + first, size);
    };
    for (Index i = 0; i + 1 < n; ++i) {
      if (!(squared_lengths[i] > 0.0)) continue;
      add(theta_block, i, positions);
      add(gradient_block, i, gradients);
    }
  });
  const auto coordinates = static_cast<double>(whole_length(d));
  const double mean_position = sum(positions) / coordinates;
  const double mean_gradient = sum(gradients) / coordinates;
  if (!(mean_position > 0.0) || !(mean_gradient > 0.0) || !std::isfinite(mean_gradient)) return {};

  Vector scale(d);
  for_blocks(d, [&](Index first, Index size) {
    for (Index c = first; c < first + size; ++c)
      scale[c] = 0.25 * std::log((positions[c] / mean_position + least_share) /
                                 (gradients[c] / mean_gradient + least_share));
  });
  const double mean_logarithm = sum(scale) / coordinates;
  for_blocks(d, [&](Index first, Index size) {
    for (Index c = first; c < first + size; ++c)
      scale[c] = std::clamp(std::exp(scale[c] - mean_logarithm), 1.0 / widest, widest);
  });
  return Units(std::move(scale));
}

}  // namespace optex
