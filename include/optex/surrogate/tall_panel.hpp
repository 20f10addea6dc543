#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/row_combination.hpp"

#include <cstdint>

namespace optex {

/// Rows of length d, oldest first: the only place where a model of secant pairs keeps numbers of size d. A
/// value. Memory: capacity x d doubles.
class TallPanel {
 public:
  TallPanel() = default;
  TallPanel(Index length, Index capacity) : rows_(length, capacity) { rows_.setZero(); }

  Index length() const { return rows_.rows(); }
  Index capacity() const { return rows_.cols(); }
  Index count() const { return static_cast<Index>(count_); }
  auto row(Index i) const { return rows_.col(i); }
  auto row(Index i) { return rows_.col(i); }

  /// Requires count() < capacity().
  void append(ConstVectorRef row) { rows_.col(static_cast<Index>(count_++)) = row; }
  /// All rows but `kept` of the first `old` go; combinations of these take their place, one for each column
  /// of `weights` (old x k, k <= old), and the rest moves up. Cost: reads and writes every row once.
  void replace_oldest(Index old, const Matrix& weights);
  /// row_i -= shift
  void move_origin(ConstVectorRef shift);

  RowSet rows(Index first, Index number) const;
  RowSet rows() const { return rows(0, count()); }

  template <class Panel, class Visitor>
  static void fields(Panel& panel, const Visitor& visit) {
    visit("rows", panel.rows_);
    visit("count", panel.count_);
  }

 private:
  Matrix rows_;  // d x capacity: a row of the panel is a column here, so that its numbers are neighbours
  std::int64_t count_ = 0;
};

}  // namespace optex
