#pragma once

#include "optex/core/large_buffer.hpp"
#include "optex/core/types.hpp"
#include "optex/core/units.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace optex {

/// In what the rows of a history are stored; all arithmetic is in double precision either way.
enum class Precision {
  f64,
  f32,  ///< half the memory and half the traffic; thetas as differences from an origin among them
};

/// A pair that is to enter a history. Both vectors have the history's length and only finite entries.
struct NewPair {
  const Vector& theta;
  const Vector& gradient;
  double value = 0.0;
  std::int64_t iteration = 0;
};

/// A vector field spanned by a history of n pairs: sum_i weights_i g_i, or, about the newest pair,
/// g_n + sum_i weights_i (g_i - g_n).
struct FieldWeights {
  Vector weights;
  bool about_newest = true;
};

/// Moves the coordinates [first, first + theta.size()) of a point on, given the field there. Called for
/// different ranges at once from several threads.
using BlockMove = std::function<void(Index first, VectorRef theta, VectorRef field)>;

/// What a step of a point writes down besides moving it: vectors of length d; null: not wanted.
struct StepRecord {
  double* field = nullptr;  ///< what it moved along, taken where it stood
  double* point = nullptr;  ///< where it stands now
};

/// The last T0 evaluated pairs (theta_i, g_i), i = 0 the oldest, with their pairwise inner products.
///
/// Rows are stored by tiles of coordinates: all entries of one tile lie side by side, gradients first, then
/// thetas, so that a sweep reads memory as one stream, and one pass can predict, move a point and measure its
/// new distances while a tile is in cache. Sweeps run on thread_count() threads, with the same digits on any
/// number. The pairwise tables are computed from differences, each pair once, when its newer member arrives;
/// nothing is ever re-based, so two iterates that agree to 1e-8 keep a meaningful distance. Memory: 2 T0 d
/// numbers and two T0 x T0 tables, or three.
///
/// In single precision thetas are stored as differences from an origin (d doubles), which moves to the newest
/// point whenever that has gone farther from it than four times the largest distance between entries:
/// rounding is relative to the extent of the history, not to theta. Gradients beyond the range of `float`
/// become its largest number.
class GradientHistory {
 public:
  GradientHistory() = default;
  /// Requires dimension >= 1 and capacity >= 2.
  GradientHistory(Index dimension, Index capacity, Precision precision = Precision::f64);

  Index dimension() const { return dimension_; }
  Index capacity() const { return capacity_; }
  Index size() const { return size_; }
  Precision precision() const { return precision_; }

  /// Adds pairs, the last one as the newest; the oldest leave when full. With `units` what is stored is theta
  /// / scale and scale gradient. Cost: one pass over the history for all of them, and 6 n d operations each.
  void append(const std::vector<NewPair>& pairs, const Units& units = {});
  void append(const Vector& theta, const Vector& gradient, double value, std::int64_t iteration) {
    append(std::vector<NewPair>{NewPair{theta, gradient, value, iteration}});
  }

  /// What thetas are stored as differences from, d; empty in double precision and before the first pair.
  const Vector& origin() const { return origin_; }
  /// Entry `entry` as it is stored: theta, or its difference from the origin.
  Vector stored_theta(Index entry) const;
  /// Rebuilds a stored history, which must be empty: the same bits as the one that was stored.
  /// restore_origin() first (in single precision), then the entries oldest first, thetas as stored_theta()
  /// gave them.
  void restore_origin(Vector origin) { origin_ = std::move(origin); }
  void restore(const Vector& stored_theta, const Vector& gradient, double value, std::int64_t iteration);

  /// Entries by age, 0 the oldest. Copies, because storage is tiled.
  Vector theta(Index entry) const;
  Vector gradient(Index entry) const;
  double value(Index entry) const;
  std::int64_t iteration(Index entry) const;

  /// n x n, by age: |theta_i - theta_j|^2, |g_i - g_j|^2.
  Matrix squared_distances() const;
  Matrix squared_gradient_distances() const;
  /// n x n, by age, n the newest entry: (theta_i - theta_n)'(g_j - g_n). Not symmetric. Made when first asked
  /// for and kept up from then on, which costs an append 4 n d operations a pair more.
  Matrix cross_products_about_newest() const;
  /// n, by age: |theta_i|^2, |g_i|^2.
  Vector squared_theta_norms() const;
  Vector squared_gradient_norms() const;

  /// out_i = |theta - theta_i|^2, from differences. One pass over the thetas.
  void squared_distances_to(ConstVectorRef theta, VectorRef out) const {
    squared_distances_to(theta, Units(), out);
  }
  /// The same with theta in units of the caller's own.
  void squared_distances_to(ConstVectorRef theta, const Units& units, VectorRef out) const;
  /// out = the field, divided by scale. One pass over the gradients.
  void field(const FieldWeights& field, VectorRef out, const Units& units = {}) const;
  /// One step of a chain in one pass over the history: for each tile the field at theta, `move`, and the
  /// squared distances of the moved point from all entries, in their units, unless `distances` (n) is null:
  /// then only the gradients are read. True when the moved point has only finite entries.
  bool step_along(const FieldWeights& field, VectorRef theta, const Units& units, const BlockMove& move,
                  const StepRecord& record, double* distances) const;
  /// The same with a vector in place of the field: it is handed to `move` as it is, and only thetas are read.
  bool step_along(VectorRef given, VectorRef theta, const Units& units, const BlockMove& move,
                  double* distances) const;
  /// outs_k += sum_i a_ik (theta_i - theta_n) + b_ik (g_i - g_n), each outs_k of length d. a, b: n x k. One
  /// pass over both for all k.
  void add_combinations(const Matrix& a, const Matrix& b, const std::vector<double*>& outs) const;
  /// theta_products_i = v'(theta_i - theta_n), gradient_products_i = v'(g_i - g_n). One pass over both.
  void products_about_newest(ConstVectorRef v, VectorRef theta_products, VectorRef gradient_products) const;

 private:
  struct Sweep;

  Index slot(Index entry) const { return (first_ + entry) % capacity_; }
  Index tile_count() const { return (dimension_ + width_ - 1) / width_; }
  Index tile_size(Index tile) const;
  /// Where the gradients (kind 0) or thetas (kind 1) of one tile and slot begin, in numbers from the start.
  Index position(Index tile, Index kind, Index slot) const {
    return ((2 * tile + kind) * capacity_ + slot) * width_;
  }
  template <class Use>
  decltype(auto) with_rows(Use use) const;
  template <class Use>
  decltype(auto) with_rows(Use use);
  Vector load(Index kind, Index entry) const;
  template <class T>
  void write_tile(Index tile, const double* theta, const double* gradient, const Units& units, bool as_stored,
                  T* theta_row, T* gradient_row) const;
  void append_block(const NewPair* pairs, Index count, const Units& units, bool as_stored);
  template <class Use>
  void sum_over_parts(Index copied, Index width, Use use, double* totals) const;
  void measure_newest(Index newcomers);
  void measure_steps(Index newcomers) const;
  void follow_with_origin();
  void move_origin(const Vector& origin);
  bool sweep(const Sweep& what) const;
  Matrix by_age(const Matrix& by_slot) const;

  Index dimension_ = 0, capacity_ = 0, size_ = 0, first_ = 0;
  Index width_ = 0;  // coordinates per tile
  Precision precision_ = Precision::f64;
  LargeBuffer rows_;  // doubles or floats, [tile][gradient, theta][slot][coordinate in tile]
  Vector origin_;     // d in single precision
  std::vector<double> values_, squared_theta_norms_, squared_gradient_norms_;
  std::vector<std::int64_t> iterations_;
  // By slot, so that an append touches one row and one column.
  Matrix theta_distances_, gradient_distances_;
  // (theta_i - theta_{i-1})'(g_j - g_{j-1}): sums of these give the products about any entry without
  // cancellation. Empty until they are asked for.
  mutable Matrix step_products_;
};

}  // namespace optex
