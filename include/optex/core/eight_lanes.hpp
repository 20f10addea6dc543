#pragma once

#include "optex/core/types.hpp"
#include "optex/core/vector_clones.hpp"

#ifdef OPTEX_HAS_VECTOR_CLONES
#include <immintrin.h>
#endif

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

/// The same number in all lanes.
template <int Bytes>
OPTEX_INLINE void spread_lanes(const double& number, Lanes<Bytes>& to) {
#ifdef OPTEX_HAS_VECTOR_CLONES
  // One load; left to itself the compiler puts it together out of several loads and shuffles.
  if constexpr (Bytes >= 32) {
    asm("vbroadcastsd %1, %0" : "=v"(to) : "m"(number));
    return;
  }
#endif
  for (Index k = 0; k < LanesOf<Bytes>::count; ++k) to[k] = number;
}

/// sum += a b, rounded once: one instruction on processors that have it (x86-64-v3, ARM), with the same
/// digits as the function of the C library that takes its place elsewhere and is slow.
template <int Bytes>
OPTEX_INLINE void add_fused(const Lanes<Bytes>& a, const Lanes<Bytes>& b, Lanes<Bytes>& sum) {
#ifdef OPTEX_HAS_VECTOR_CLONES
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // how a function would hand over a vector; this is none
  // Neither a loop over lanes becomes one instruction, nor may the functions of immintrin.h stand in a
  // template that is compiled for several processors; what they are made of may.
  if constexpr (Bytes == 64) {
    constexpr int all_lanes = 0xff;
    sum = __builtin_ia32_vfmaddpd512_mask(a, b, sum, all_lanes, _MM_FROUND_CUR_DIRECTION);
    return;
  }
  if constexpr (Bytes == 32) {
    sum = __builtin_ia32_vfmaddpd256(a, b, sum);
    return;
  }
#pragma GCC diagnostic pop
#endif
  for (Index k = 0; k < LanesOf<Bytes>::count; ++k) sum[k] = __builtin_fma(a[k], b[k], sum[k]);
}

/// Folds the lanes pairwise: 8 -> 4 -> 2 -> 1.
OPTEX_INLINE double sum_of_lanes(const double* lane) {
  Lanes<16> part[4];
  for (Index k = 0; k < 4; ++k) load_lanes<16>(lane + 2 * k, part[k]);
  const Lanes<16> two = (part[0] + part[2]) + (part[1] + part[3]);
  return two[0] + two[1];
}

}  // namespace optex
