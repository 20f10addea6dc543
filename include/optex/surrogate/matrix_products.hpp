#pragma once

#include "optex/core/types.hpp"

/// Products of matrices of some hundred rows, on all threads of this process. Every entry is a sum in a fixed
/// order that depends on the length of the sum alone: the same digits for any vectors, threads and places in
/// the matrix.
namespace optex {

/// A matrix as it stands in memory, or its transpose.
struct Operand {
  const double* at;
  Index rows, cols;
  Index down, across;  ///< from one row, and from one column, to the next
};

template <class Derived>
Operand plain(const Eigen::MatrixBase<Derived>& matrix) {
  static_assert((Derived::Flags & Eigen::DirectAccessBit) != 0 && !Derived::IsRowMajor,
                "only what stands in memory can be an operand");
  return {matrix.derived().data(), matrix.rows(), matrix.cols(), 1, matrix.derived().outerStride()};
}
template <class Derived>
Operand turned(const Eigen::MatrixBase<Derived>& matrix) {
  const Operand as_is = plain(matrix);
  return {as_is.at, as_is.cols, as_is.rows, as_is.across, as_is.down};
}

/// a b. Columns of b that end in zeros cost less: an upper triangular one half.
Matrix product(const Operand& a, const Operand& b);
/// a b where that is symmetric: half of the work.
Matrix symmetric_product(const Operand& a, const Operand& b);

}  // namespace optex
