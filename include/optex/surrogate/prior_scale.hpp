#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/stencil.hpp"

namespace optex {

/// The change of variables x~ = C'x, g~ = C^-1 g that makes a prior C C' of the Hessian the identity. C is a
/// Cholesky factor that keeps the Hessian's stencil: exact for a band, incomplete (IC(0)) for a grid, where
/// what it misses is left to the model.
class PriorScale {
 public:
  /// The Hessian's diagonal is lifted to `floor` or its own size, and its other entries are shrunk as far as
  /// it takes to have a factor.
  PriorScale(StencilMatrix hessian, double floor);

  Index length() const { return factor_.entries.rows(); }
  Vector up(ConstVectorRef step) const;      ///< C'x
  Vector gradient(ConstVectorRef g) const;   ///< C^-1 g
  Vector down(ConstVectorRef scaled) const;  ///< C'^-1 x~

  /// The same for many rows: made where they are read, block by block,
  RowSet up(RowSet steps) const;
  /// and made at once: d x rows.
  Matrix gradients(const RowSet& rows) const;

 private:
  bool factorise(const StencilMatrix& hessian);
  void solve_lower(double* g) const;

  StencilMatrix factor_;  // lower: column k holds C_{j+k,j}
};

}  // namespace optex
