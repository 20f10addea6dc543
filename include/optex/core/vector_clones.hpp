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
#define OPTEX_HAS_VECTOR_CLONES
#else
#define OPTEX_VECTOR_CLONES
#endif

/// Defines `void name PARAMETERS` by the template name_in_vectors, whose parameter is the bytes of a vector,
/// called with ARGUMENTS and compiled for each width, where clones alone would not do: loops that name their
/// vectors.
#ifdef OPTEX_HAS_VECTOR_CLONES
#define OPTEX_IN_VECTORS(name, PARAMETERS, ARGUMENTS)                                \
  namespace {                                                                        \
  __attribute__((target("arch=x86-64-v4"), noinline)) void name##_in_64 PARAMETERS { \
    name##_in_vectors<64> ARGUMENTS;                                                 \
  }                                                                                  \
  __attribute__((target("arch=x86-64-v3"), noinline)) void name##_in_32 PARAMETERS { \
    name##_in_vectors<32> ARGUMENTS;                                                 \
  }                                                                                  \
  }                                                                                  \
  void name PARAMETERS {                                                             \
    if (__builtin_cpu_supports("x86-64-v4")) return name##_in_64 ARGUMENTS;          \
    if (__builtin_cpu_supports("x86-64-v3")) return name##_in_32 ARGUMENTS;          \
    name##_in_vectors<16> ARGUMENTS;                                                 \
  }
#else
// NOLINTBEGIN(bugprone-macro-parentheses): ARGUMENTS brings its own
#define OPTEX_IN_VECTORS(name, PARAMETERS, ARGUMENTS) \
  void name PARAMETERS { name##_in_vectors<16> ARGUMENTS; }
// NOLINTEND(bugprone-macro-parentheses)
#endif

/// Before a function that is to become part of each clone.
#if defined(__GNUC__)
#define OPTEX_INLINE __attribute__((always_inline)) inline
#else
#define OPTEX_INLINE inline
#endif
