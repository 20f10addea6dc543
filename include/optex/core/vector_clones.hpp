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

/// The same for loops that name their vectors: what a processor must have for those of 64 and of 32 bytes. No
/// loader is asked, so clang can do it, too.
#if defined(OPTEX_HAS_VECTOR_CLONES)
#define OPTEX_FOR_64_BYTES "arch=x86-64-v4"
#define OPTEX_FOR_32_BYTES "arch=x86-64-v3"
#define OPTEX_HAS_64_BYTES __builtin_cpu_supports("x86-64-v4")
#define OPTEX_HAS_32_BYTES __builtin_cpu_supports("x86-64-v3")
#elif defined(__clang__) && defined(__x86_64__) && defined(__OPTIMIZE__)
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
#define OPTEX_FOR_64_BYTES "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#define OPTEX_FOR_32_BYTES "avx2,fma"
#define OPTEX_HAS_64_BYTES                                                    \
  (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && \
   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
#define OPTEX_HAS_32_BYTES (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#endif
#endif

/// Defines `void name PARAMETERS` by the template name_in_vectors, whose parameter is the bytes of a vector,
/// called with ARGUMENTS and compiled for each width.
// NOLINTBEGIN(bugprone-macro-parentheses): ARGUMENTS brings its own
#ifdef OPTEX_FOR_64_BYTES
#define OPTEX_IN_VECTORS(name, PARAMETERS, ARGUMENTS)                                  \
  namespace {                                                                          \
  __attribute__((target(OPTEX_FOR_64_BYTES), noinline)) void name##_in_64 PARAMETERS { \
    name##_in_vectors<64> ARGUMENTS;                                                   \
  }                                                                                    \
  __attribute__((target(OPTEX_FOR_32_BYTES), noinline)) void name##_in_32 PARAMETERS { \
    name##_in_vectors<32> ARGUMENTS;                                                   \
  }                                                                                    \
  }                                                                                    \
  void name PARAMETERS {                                                               \
    if (OPTEX_HAS_64_BYTES) return name##_in_64 ARGUMENTS;                             \
    if (OPTEX_HAS_32_BYTES) return name##_in_32 ARGUMENTS;                             \
    name##_in_vectors<16> ARGUMENTS;                                                   \
  }
#else
#define OPTEX_IN_VECTORS(name, PARAMETERS, ARGUMENTS) \
  void name PARAMETERS { name##_in_vectors<16> ARGUMENTS; }
#endif
// NOLINTEND(bugprone-macro-parentheses)

/// Before a function that is to become part of each clone.
#if defined(__GNUC__)
#define OPTEX_INLINE __attribute__((always_inline)) inline
#else
#define OPTEX_INLINE inline
#endif
