#pragma once

#include "optex/core/types.hpp"

#include <vector>

namespace optex {

/// An orthonormal basis of the span of some rows, out of their inner products alone: a Cholesky factorisation
/// with pivots, the longest rest first, of the rows at unit length. What is shorter than 1e-7 of a row is
/// round-off of the products and left out.
class RowSpan {
 public:
  /// products: n x n, symmetric. `most`: the dimension that rows live in. What the `first` rows span comes
  /// first in the basis.
  RowSpan(const Matrix& products, Index most, Index first = 0);

  Index rank() const { return coordinates_.cols(); }
  Index first_rank() const { return first_rank_; }  ///< dimensions that hold the first rows
  /// n x m: row i in the basis.
  const Matrix& coordinates() const { return coordinates_; }
  /// Coordinates (m) of a vector's projection onto the span, from its products (n) with the rows.
  Matrix project(const Matrix& products) const { return project(products, rank()); }
  /// The first of them.
  Matrix project(const Matrix& products, Index dimensions) const;
  /// Weights (n) of the rows that make a vector of these coordinates (m); vectors by columns.
  Matrix weights(const Matrix& coordinates) const;

 private:
  Index first_rank_ = -1;
  Matrix coordinates_;         // n x m
  Matrix factor_;              // m x m, lower: the pivots at unit length in the basis
  std::vector<Index> pivots_;  // m
  Vector lengths_;             // n
};

}  // namespace optex
