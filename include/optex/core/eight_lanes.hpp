#pragma once

#include "optex/core/types.hpp"
#include "optex/core/vector_clones.hpp"

/// Eight lanes of a sum, for inner loops that keep several sums in registers at once, which compilers do not
/// find out by themselves. A vector of `Bytes` holds some of the lanes; a loop runs once for each such part,
/// so that its sums are registers of the processor whatever it has (a vector wider than those lives in
/// memory). The lanes, and so the digits, are the same for every width.
namespace optex {

inline constexpr Index eight_lanes = 8;

template <int Bytes>
struct LanesOf {
  typedef double Type __attribute__((vector_size(Bytes)));  // an alias cannot depend on Bytes here
  /// The same in memory, at any address.
  struct __attribute__((packed, may_alias)) Numbers {
    Type lanes;
  };
  static constexpr Index count = Bytes / static_cast<Index>(sizeof(double));
};

/// Some of the lanes, side by side in one register.
template <int Bytes>
using Lanes = typename LanesOf<Bytes>::Type;

// Through references, because how such a vector is handed over depends on the processor.
template <int Bytes>
OPTEX_INLINE void load_lanes(const double* from, Lanes<Bytes>& to) {
  to = reinterpret_cast<const typename LanesOf<Bytes>::Numbers*>(from)->lanes;
}
template <int Bytes>
OPTEX_INLINE void store_lanes(const Lanes<Bytes>& from, double* to) {
  reinterpret_cast<typename LanesOf<Bytes>::Numbers*>(to)->lanes = from;
}

/// Folds the lanes pairwise: 8 -> 4 -> 2 -> 1.
OPTEX_INLINE double sum_of_lanes(const double* lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace optex
