#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/row_combination.hpp"

#include <utility>
#include <vector>

namespace optex {

/// Rows of length d, oldest first: the only place where a model of secant pairs keeps numbers of size d. A
/// row comes and goes without another one being copied. A value. Memory: count x d doubles.
class TallPanel {
 public:
  TallPanel() = default;

  Index length() const { return rows_.empty() ? 0 : rows_.front().size(); }
  Index count() const { return std::ssize(rows_); }
  const Vector& row(Index i) const { return rows_[static_cast<std::size_t>(i)]; }
  Vector& row(Index i) { return rows_[static_cast<std::size_t>(i)]; }

  /// All of one length.
  void append(Vector row) { rows_.push_back(std::move(row)); }
  /// The first `old` rows go; combinations of them take their place, one for each column of `weights` (old x
  /// k, k <= old), and the rest moves up. Cost: reads the old rows once.
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
  std::vector<Vector> rows_;
};

}  // namespace optex
