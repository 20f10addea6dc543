#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <vector>

namespace optex {

/// The last T0 evaluated pairs (theta_i, g_i), i = 0 the oldest, with their pairwise inner products.
///
/// Rows are stored by tiles of coordinates: all entries of one tile lie side by side, so a sweep that needs
/// every entry reads memory as one stream. The pairwise tables are computed from differences, each pair once,
/// when its newer member arrives; nothing is ever re-based, so two iterates that agree to 1e-8 keep a
/// meaningful distance. Memory: 2 T0 d doubles and three T0 x T0 tables.
class GradientHistory {
 public:
  GradientHistory() = default;
  /// Requires dimension >= 1 and capacity >= 2. With `coordinates` (ascending, each below dimension) squared
  /// distances between thetas are measured in these alone and scaled up by dimension / count; they are kept
  /// once more side by side, so that measuring them reads nothing else.
  GradientHistory(Index dimension, Index capacity, std::vector<std::int64_t> coordinates = {});

  Index dimension() const { return dimension_; }
  Index capacity() const { return capacity_; }
  Index size() const { return size_; }
  /// Where distances are measured; empty: everywhere.
  const std::vector<std::int64_t>& coordinates() const { return coordinates_; }

  /// Adds a pair as the newest; the oldest leaves when full. All numbers must be finite. Cost: 2 n d reads.
  void append(ConstVectorRef theta, ConstVectorRef gradient, double value, std::int64_t iteration);

  /// Entries by age, 0 the oldest. Copies, because storage is tiled.
  Vector theta(Index entry) const;
  Vector gradient(Index entry) const;
  double value(Index entry) const;
  std::int64_t iteration(Index entry) const;

  /// n x n, by age: |theta_i - theta_j|^2, |g_i - g_j|^2.
  Matrix squared_distances() const;
  Matrix squared_gradient_distances() const;
  /// n x n, by age: (theta_i - theta_j)'(g_i - g_j).
  Matrix cross_products() const;
  /// n x n, by age, n the newest entry: (theta_i - theta_n)'(g_j - g_n). Not symmetric.
  Matrix cross_products_about_newest() const;
  /// n, by age: |theta_i|^2, |g_i|^2.
  Vector squared_theta_norms() const;
  Vector squared_gradient_norms() const;

  /// out_i = |theta - theta_i|^2, from differences. One pass over the thetas (over `coordinates` of them).
  void squared_distances_to(ConstVectorRef theta, VectorRef out) const;
  /// out = sum_i weights_i g_i. One pass over the gradients.
  void combine_gradients(ConstVectorRef weights, VectorRef out) const;
  /// out = g_n + slope (theta - theta_n) + sum_i weights_i ((g_i - g_n) - slope (theta_i - theta_n)), n the
  /// newest entry. One pass over the gradients, and one over the thetas unless the slope is 0.
  void predict_about_newest(ConstVectorRef weights, double slope, ConstVectorRef theta, VectorRef out) const;
  /// out = sum_i a_i (theta_i - theta_n) + b_i (g_i - g_n). One pass over both.
  void combine_about_newest(ConstVectorRef a, ConstVectorRef b, VectorRef out) const;
  /// theta_products_i = v'(theta_i - theta_n), gradient_products_i = v'(g_i - g_n). One pass over both.
  void products_about_newest(ConstVectorRef v, VectorRef theta_products, VectorRef gradient_products) const;

 private:
  Index slot(Index entry) const { return (first_ + entry) % capacity_; }
  double* block(std::vector<double>& rows, Index tile, Index slot) const;
  const double* block(const std::vector<double>& rows, Index tile, Index slot) const;
  Index tile_count() const { return (dimension_ + width_ - 1) / width_; }
  Index tile_size(Index tile) const;
  void store(std::vector<double>& rows, Index slot, ConstVectorRef row) const;
  Vector load(const std::vector<double>& rows, Index slot) const;
  Vector at_coordinates(ConstVectorRef theta) const;
  double subset_distance(const Vector& theta, Index slot) const;
  Matrix by_age(const Matrix& by_slot) const;

  Index dimension_ = 0, capacity_ = 0, size_ = 0, first_ = 0;
  Index width_ = 0;                         // coordinates per tile
  std::vector<double> thetas_, gradients_;  // [tile][slot][coordinate in tile]
  std::vector<std::int64_t> coordinates_;
  Matrix thetas_at_coordinates_;  // coordinates x capacity, by slot; empty when distances are measured
                                  // everywhere
  std::vector<double> values_, squared_theta_norms_, squared_gradient_norms_;
  std::vector<std::int64_t> iterations_;
  // By slot, so that an append touches one row and one column.
  Matrix theta_distances_, gradient_distances_, cross_products_;
  // (theta_i - theta_{i-1})'(g_j - g_{j-1}): sums of these give the products about any entry without
  // cancellation.
  Matrix step_products_;
};

}  // namespace optex
