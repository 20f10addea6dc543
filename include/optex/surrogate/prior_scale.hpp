#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/row_combination.hpp"

namespace optex {

/// The change of variables x~ = C'x, g~ = C^-1 g that makes a prior C C' of the Hessian the identity.
class PriorScale {
 public:
  virtual ~PriorScale() = default;

  virtual Index length() const = 0;
  virtual Vector up(ConstVectorRef step) const = 0;      ///< C'x
  virtual Vector gradient(ConstVectorRef g) const = 0;   ///< C^-1 g
  virtual Vector down(ConstVectorRef scaled) const = 0;  ///< C'^-1 x~
  /// C'x of many rows, which may be made where they are read.
  virtual RowSet up(RowSet steps) const = 0;

  /// C^-1 g of many rows, made at once: d x rows.
  Matrix gradients(const RowSet& rows) const;
};

}  // namespace optex
