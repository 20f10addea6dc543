#include "optex/core/product_blocking.hpp"
#include "optex/surrogate/pair_memory.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "speed_rows.hpp"

namespace optex::bench {
namespace {

std::vector<SecantPair> noisy_pairs(Index d, Index count, std::uint64_t seed) {
  std::vector<SecantPair> pairs;
  for (Index k = 0; k < count; ++k) {
    const std::uint64_t at = seed + 3 * static_cast<std::uint64_t>(k);
    pairs.push_back({noise(d, at), noise(d, at + 1), noise(d, at + 2)});
  }
  return pairs;
}

struct Panels {
  PairMemory full, used;
  std::vector<SecantPair> newcomers;
};

std::shared_ptr<Panels> panels_of(const Scene& scene, Index points) {
  const Index d = scene.size.dimension;
  const auto panels = std::make_shared<Panels>();
  panels->full = PairMemory(scene.size.history, Vector::Zero(d));
  panels->full.append(noisy_pairs(d, scene.size.history, 1000));
  panels->newcomers = noisy_pairs(d, points, 100);
  return panels;
}

/// What must be read: three rows a pair.
double panel_bytes(const Scene& scene, Index points) {
  return 3.0 * static_cast<double>(scene.size.history + points) * scene.row();
}

/// N pairs of surrogate enter: their products with all of them.
Work append(Scene& scene, Index points) {
  const auto panels = panels_of(scene, points);
  return {.bytes = panel_bytes(scene, points),
          .prepare = [panels] { panels->used = panels->full; },
          .run = [panels] { panels->used.append(panels->newcomers); }};
}

/// The same products by Eigen's matrix product, which promises no order of the sums: what they cost where
/// nothing else counts.
Work append_by_gemm(Scene& scene, Index points) {
  struct Matrices {
    Matrix old, fresh, products, with_middles;  // d x (3 T0 + 3 N), d x 3 N: s, y, m side by side
  };
  const Index d = scene.size.dimension, n = scene.size.history + points;
  const auto all = std::make_shared<Matrices>();
  all->old.resize(d, 3 * n);
  all->fresh.resize(d, 3 * points);
  for (Index k = 0; k < 3 * n; ++k) all->old.col(k) = noise(d, 1000 + static_cast<std::uint64_t>(k));
  for (Index k = 0; k < 3 * points; ++k) all->fresh.col(k) = noise(d, 100 + static_cast<std::uint64_t>(k));
  fix_product_blocking();
  return {.bytes = panel_bytes(scene, points), .prepare = {}, .run = [=] {
            all->products.noalias() = all->fresh.transpose() * all->old.leftCols(2 * n);
            all->with_middles.noalias() = all->fresh.leftCols(2 * points).transpose() * all->old.rightCols(n);
          }};
}

/// N points out of all steps and changes: one combination.
Work combine(Scene& scene, Index points) {
  const auto panels = panels_of(scene, points);
  const Index n = scene.size.history;
  const Matrix weights = Matrix::Constant(2 * n, points, 1e-2);
  return {.bytes = (2.0 * static_cast<double>(n) + static_cast<double>(points)) * scene.row(),
          .prepare = {},
          .run = [=, &scene] {
            row_combinations(joined({panels->full.steps().rows(), panels->full.changes().rows()}), weights,
                             scene.size.dimension);
          }};
}

}  // namespace

std::vector<Row> rows_of_surrogate() {
  return {{"surrogate_append", append},
          {"surrogate_append_by_gemm", append_by_gemm},
          {"surrogate_combine", combine}};
}

}  // namespace optex::bench
