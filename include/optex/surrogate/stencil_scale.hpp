#pragma once

#include "optex/surrogate/prior_scale.hpp"
#include "optex/surrogate/stencil.hpp"

namespace optex {

/// By a matrix of a stencil. C is a Cholesky factor that keeps the stencil: exact for a band, incomplete
/// (IC(0)) for a grid, where what it misses is left to the model.
class StencilScale final : public PriorScale {
 public:
  /// The Hessian's diagonal is lifted to `floor` or its own size, and its other entries are shrunk as far as
  /// it takes to have a factor.
  StencilScale(StencilMatrix hessian, double floor);

  Index length() const override { return factor_.entries.rows(); }
  Vector up(ConstVectorRef step) const override;
  Vector gradient(ConstVectorRef g) const override;
  Vector down(ConstVectorRef scaled) const override;
  /// Made where they are read, block by block.
  RowSet up(RowSet steps) const override;

 private:
  bool factorise(const StencilMatrix& hessian);

  StencilMatrix factor_;  // lower: column k holds C_{j+k,j}
};

}  // namespace optex
