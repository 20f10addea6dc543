#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// Points that earlier rounds were closed without (failure.quorum) and whose answers have not come yet,
/// ascending by round and number.
struct OutstandingPoints {
  Matrix thetas;      ///< d x k
  Vector iterations;  ///< k: SampleKey::iteration; whole numbers
  Vector points;      ///< k: SampleKey::point; whole numbers

  Index count() const { return points.size(); }
};

}  // namespace optex
