#pragma once

#include <cstddef>

/// OPTEX_VECTOR_CLONES before a function compiles it three times, for processors with 128, 256 and 512 bit
/// wide vectors, and lets the program loader choose. For inner loops only. The digits do not depend on the
/// choice: no operation is reordered (sums run in fixed lanes, core/reductions.hpp) and none is fused
/// (-ffp-contract=off). Compilers, C libraries and sanitizers that cannot do it compile the function once.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && \
    defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define OPTEX_VECTOR_CLONES \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4"), noinline))
#else
#define OPTEX_VECTOR_CLONES
#endif

/// Before a function that is to become part of each clone.
#if defined(__GNUC__)
#define OPTEX_INLINE __attribute__((always_inline)) inline
#else
#define OPTEX_INLINE inline
#endif
