#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/row_combination.hpp"

namespace optex {

/// Rows of length d, oldest first: the only place where a model of secant pairs keeps numbers of size d. A
/// value. Memory: count x d doubles.
class TallPanel {
 public:
  TallPanel() = default;

  Index length() const { return rows_.rows(); }
  Index count() const { return rows_.cols(); }
  auto row(Index i) const { return rows_.col(i); }
  auto row(Index i) { return rows_.col(i); }

  /// All of one length. The memory grows in place where it can.
  void append(ConstVectorRef row) {
    rows_.conservativeResize(row.size(), count() + 1);
    rows_.rightCols(1) = row;
  }
  /// The first `old` rows go; combinations of them take their place, one for each column of `weights` (old x
  /// k, k <= old), and the rest moves up. Cost: reads and writes every row once.
  void replace_oldest(Index old, const Matrix& weights);
  /// row_i -= shift
  void move_origin(ConstVectorRef shift);

  RowSet rows(Index first, Index number) const;
  RowSet rows() const { return rows(0, count()); }

  template <class Panel, class Visitor>
  static void fields(Panel& panel, const Visitor& visit) {
    visit("rows", panel.rows_);
  }

 private:
  Matrix rows_;  // d x count: a row of the panel is a column here, so that its numbers are neighbours
};

}  // namespace optex
