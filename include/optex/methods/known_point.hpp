#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// A point whose value and gradient are known.
struct KnownPoint {
  const Vector* theta;
  const Vector* gradient;
};

}  // namespace optex
