#include "tile_kernels.hpp"

#include "optex/core/sum_lanes.hpp"
#include "optex/core/vector_clones.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Before a loop whose iterations touch different numbers, which the compiler cannot know of rows and sums.
#if defined(__GNUC__) && !defined(__clang__)
#define OPTEX_INDEPENDENT _Pragma("GCC ivdep")
#else
#define OPTEX_INDEPENDENT
#endif

namespace optex::tile {
namespace {

constexpr Index cache_line = 64;  // bytes
constexpr Index strip = 32;       // coordinates between two looks ahead

/// Numbers a cache line.
template <class T>
constexpr Index line = cache_line / static_cast<Index>(sizeof(T));

template <class T>
OPTEX_INLINE void ask_for(const T* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address, 0, 3);
#else
  static_cast<void>(address);
#endif
}

/// `R` rows at a time: as many streams, and the sum is loaded and stored once for all of them. While they are
/// read, the next ones are on their way.
template <int R, class T>
OPTEX_INLINE void add_weighted_group(const T* const* rows, const double* weights,
                                     const double* __restrict origin, double* __restrict sum, Index size) {
  const auto step = [&](Index c) __attribute__((always_inline)) {
    const double o = origin[c];
    double s = sum[c];
    for (int r = 0; r < R; ++r) s += weights[r] * (static_cast<double>(rows[r][c]) - o);
    sum[c] = s;
  };
  Index c = 0;
  for (; c + strip <= size; c += strip) {
    for (int r = 0; r < R; ++r)
      for (Index k = c; k < c + strip; k += line<T>) ask_for(rows[rows_ahead + r] + k);
    OPTEX_INDEPENDENT
    for (Index k = c; k < c + strip; ++k) step(k);
  }
  OPTEX_INDEPENDENT
  for (; c < size; ++c) step(c);
}

template <class T>
OPTEX_INLINE void add_weighted_rows(const T* const* rows, const double* weights, Index count,
                                    const double* __restrict origin, double* __restrict sum, Index size) {
  Index i = 0;
  for (; i + 4 <= count; i += 4) add_weighted_group<4>(rows + i, weights + i, origin, sum, size);
  const Index rest = count - i;
  if (rest == 3) add_weighted_group<3>(rows + i, weights + i, origin, sum, size);
  if (rest == 2) add_weighted_group<2>(rows + i, weights + i, origin, sum, size);
  if (rest == 1) add_weighted_group<1>(rows + i, weights + i, origin, sum, size);
}

template <int R, class T>
OPTEX_INLINE void distances_to_rows(const double* __restrict point, const T* const* rows, double* out,
                                    Index size) {
  double lane[R][sum_lanes] = {};
  Index i = 0;
  for (; i + sum_lanes <= size; i += sum_lanes) {
    for (int r = 0; r < R; ++r) {
      const T* const row = rows[r] + i;
      for (Index k = 0; k < sum_lanes; k += cache_line / static_cast<Index>(sizeof(T)))
        ask_for(rows[R + r] + i + k);
      for (Index k = 0; k < sum_lanes; ++k) {
        const double difference = point[i + k] - static_cast<double>(row[k]);
        lane[r][k] += difference * difference;
      }
    }
  }
  for (Index k = 0; i < size; ++i, ++k) {
    for (int r = 0; r < R; ++r) {
      const double difference = point[i] - static_cast<double>(rows[r][i]);
      lane[r][k] += difference * difference;
    }
  }
  for (int r = 0; r < R; ++r) out[r] = fold_lanes(lane[r]);
}

template <class T>
OPTEX_INLINE void distances_to_all_rows(const double* point, const T* const* rows, Index count, double* out,
                                        Index size) {
  Index i = 0;
  for (; i + 2 <= count; i += 2) distances_to_rows<2>(point, rows + i, out + i, size);
  for (; i < count; ++i) distances_to_rows<1>(point, rows + i, out + i, size);
}

}  // namespace

void write(const double* from, double* to, Index size, bool past_caches) {
#ifdef __SSE2__
  if (past_caches && reinterpret_cast<std::uintptr_t>(to) % sizeof(__m128d) == 0) {
    Index i = 0;
    for (; i + 2 <= size; i += 2) _mm_stream_pd(to + i, _mm_loadu_pd(from + i));
    if (i < size) to[i] = from[i];
    _mm_sfence();  // before anybody is told that it stands there
    return;
  }
#endif
  static_cast<void>(past_caches);
  std::copy_n(from, size, to);
}

OPTEX_VECTOR_CLONES
void add_weighted(const double* const* rows, const double* weights, Index count, const double* origin,
                  double* sum, Index size) {
  add_weighted_rows(rows, weights, count, origin, sum, size);
}
OPTEX_VECTOR_CLONES
void add_weighted(const float* const* rows, const double* weights, Index count, const double* origin,
                  double* sum, Index size) {
  add_weighted_rows(rows, weights, count, origin, sum, size);
}

OPTEX_VECTOR_CLONES
void squared_distances(const double* point, const double* const* rows, Index count, double* out, Index size) {
  distances_to_all_rows(point, rows, count, out, size);
}
OPTEX_VECTOR_CLONES
void squared_distances(const double* point, const float* const* rows, Index count, double* out, Index size) {
  distances_to_all_rows(point, rows, count, out, size);
}

OPTEX_VECTOR_CLONES
void subtract(const double* __restrict a, const double* __restrict b, double* __restrict to, Index size) {
  for (Index i = 0; i < size; ++i) to[i] = a[i] - b[i];
}

OPTEX_VECTOR_CLONES
void widen(const float* __restrict from, double* __restrict to, Index size) {
  for (Index i = 0; i < size; ++i) to[i] = static_cast<double>(from[i]);
}

OPTEX_VECTOR_CLONES
void narrow(const double* __restrict from, float* __restrict to, Index size) {
  constexpr double largest = std::numeric_limits<float>::max();
  for (Index i = 0; i < size; ++i) {
    const double low = from[i] < -largest ? -largest : from[i];
    to[i] = static_cast<float>(low > largest ? largest : low);
  }
}

}  // namespace optex::tile
