#pragma once

#include "optex/core/types.hpp"
#include "optex/core/vector_clones.hpp"

/// Eight lanes of a sum, for inner loops that keep several sums in registers at once, which compilers do not
/// find out by themselves. Where vectors are narrower than 512 bit the compiler takes two or four for one:
/// the digits are the same.
namespace optex {

using EightLanes = double __attribute__((vector_size(64)));
/// The same in memory, at any address.
using EightNumbers = double __attribute__((vector_size(64), aligned(8), may_alias));

// Through references, because how such a vector is handed over depends on the processor.
OPTEX_INLINE void load_lanes(const double* from, EightLanes& to) {
  to = *reinterpret_cast<const EightNumbers*>(from);
}

/// Folds the lanes pairwise: 8 -> 4 -> 2 -> 1.
OPTEX_INLINE double sum_of_lanes(const EightLanes& lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace optex
