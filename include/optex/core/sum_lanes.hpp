#pragma once

#include "optex/core/types.hpp"
#include "optex/core/vector_clones.hpp"

namespace optex {

/// How many interleaved partial sums every sum over a long vector keeps: entry i goes to lane i mod 32. More
/// than the widest vector unit holds, so that its width changes no digit.
inline constexpr Index sum_lanes = 32;

/// Adds the lanes up pairwise, 32 -> 16 -> ... -> 1. They are overwritten.
OPTEX_INLINE double fold_lanes(double* lane) {
  for (Index half = sum_lanes / 2; half > 0; half /= 2)
    for (Index k = 0; k < half; ++k) lane[k] += lane[k + half];
  return lane[0];
}

}  // namespace optex
