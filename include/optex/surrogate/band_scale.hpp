#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/row_combination.hpp"

namespace optex {

/// The change of variables x~ = C'x, g~ = C^-1 g that makes a banded prior C C' of the Hessian the identity.
class BandScale {
 public:
  /// `hessian`: d x (width + 1), column k holds H_{j+k,j}. Its diagonal is lifted to `floor` or its own size,
  /// and its other bands are shrunk as far as it takes to make it positive definite.
  BandScale(Matrix hessian, double floor);

  Index length() const { return factor_.rows(); }
  Vector up(ConstVectorRef step) const;      ///< C'x
  Vector gradient(ConstVectorRef g) const;   ///< C^-1 g
  Vector down(ConstVectorRef scaled) const;  ///< C'^-1 x~

  /// The same for many rows, block by block (of 512 coordinates, from their beginnings).
  RowSet up(RowSet steps) const;
  RowSet gradient(RowSet gradients) const;

 private:
  bool factorise(const Matrix& hessian);

  Matrix factor_;  // d x (width + 1): column k holds C_{j+k,j}
};

}  // namespace optex
