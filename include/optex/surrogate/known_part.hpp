#pragma once

#include "optex/core/known_hessian.hpp"
#include "optex/core/types.hpp"
#include "optex/surrogate/prior_scale.hpp"
#include "optex/surrogate/row_combination.hpp"

#include <memory>
#include <vector>

#include <Eigen/SparseCore>

namespace optex {

/// A part K of the Hessian (d x d) that is known at some theta.
class KnownPart {
 public:
  /// The entries are as check_places() wants them, and finite.
  KnownPart(const std::vector<HessianEntry>& entries, Index d);

  /// K x, for many rows at once: d x rows.
  Matrix times(const RowSet& rows) const;
  Vector times(ConstVectorRef x) const;

  /// The prior K + shift I; where that has no Cholesky factor with a shift ten, a hundred, .. times as large.
  /// The factor is exact: SimplicialLLT, in an order that keeps it sparse. Null where K is zero or no shift
  /// up to 10^6 times the given one will do.
  std::unique_ptr<const PriorScale> scale(double shift) const;

 private:
  Eigen::SparseMatrix<double> lower_;
};

}  // namespace optex
