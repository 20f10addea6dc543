#pragma once

#include <cmath>

namespace optex {

/// By what F is to be divided where products of two of its slopes or gradients, of this size, would leave the
/// range of numbers: a power of two, so that no digit changes; 1 everywhere else.
inline double unit_of(double slope) {
  constexpr double smallest = 1e-140, largest = 1e140;
  if (!(slope > 0.0) || !std::isfinite(slope) || (slope >= smallest && slope <= largest)) return 1.0;
  return std::ldexp(1.0, std::ilogb(slope));
}

}  // namespace optex
