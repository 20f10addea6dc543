#include "tile_kernels.hpp"

#include "optex/core/sum_lanes.hpp"
#include "optex/core/vector_clones.hpp"

#include <algorithm>
#include <limits>

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

/// Four rows at a time: four streams, and the sum is loaded and stored once for all of them. While they are
/// read, the next four are on their way.
template <class T>
OPTEX_INLINE void add_weighted_rows(const T* const* rows, const double* weights, Index count,
                                    const double* __restrict origin, double* __restrict sum, Index size) {
  Index i = 0;
  for (; i + 4 <= count; i += 4) {
    const T *const r0 = rows[i], *const r1 = rows[i + 1], *const r2 = rows[i + 2], *const r3 = rows[i + 3];
    const double w0 = weights[i], w1 = weights[i + 1], w2 = weights[i + 2], w3 = weights[i + 3];
    const auto step = [&](Index c) __attribute__((always_inline)) {
      const double o = origin[c];
      double s = sum[c];
      s += w0 * (static_cast<double>(r0[c]) - o);
      s += w1 * (static_cast<double>(r1[c]) - o);
      s += w2 * (static_cast<double>(r2[c]) - o);
      s += w3 * (static_cast<double>(r3[c]) - o);
      sum[c] = s;
    };
    Index c = 0;
    for (; c + strip <= size; c += strip) {
      // Rows of a tile follow each other (but for the turn of the ring), so four rows on is what comes next.
      for (Index k = c; k < c + strip; k += line<T>) {
        ask_for(r0 + 4 * size + k);
        ask_for(r1 + 4 * size + k);
        ask_for(r2 + 4 * size + k);
        ask_for(r3 + 4 * size + k);
      }
      OPTEX_INDEPENDENT
      for (Index k = c; k < c + strip; ++k) step(k);
    }
    OPTEX_INDEPENDENT
    for (; c < size; ++c) step(c);
  }
  for (; i < count; ++i) {
    const T* const row = rows[i];
    const double weight = weights[i];
    for (Index c = 0; c < size; ++c) sum[c] += weight * (static_cast<double>(row[c]) - origin[c]);
  }
}

template <class T>
OPTEX_INLINE void add_weighted_rows_with_slope(const T* const* g, const T* const* x, const double* weights,
                                               double slope, Index count, const double* __restrict g_origin,
                                               const double* __restrict x_origin, double* __restrict sum,
                                               Index size) {
  Index i = 0;
  for (; i + 2 <= count; i += 2) {
    const T *const g0 = g[i], *const g1 = g[i + 1], *const x0 = x[i], *const x1 = x[i + 1];
    const double w0 = weights[i], w1 = weights[i + 1];
    const double s0 = w0 * slope, s1 = w1 * slope;
    const auto step = [&](Index c) __attribute__((always_inline)) {
      double s = sum[c];
      s += w0 * (static_cast<double>(g0[c]) - g_origin[c]);
      s -= s0 * (static_cast<double>(x0[c]) - x_origin[c]);
      s += w1 * (static_cast<double>(g1[c]) - g_origin[c]);
      s -= s1 * (static_cast<double>(x1[c]) - x_origin[c]);
      sum[c] = s;
    };
    Index c = 0;
    for (; c + strip <= size; c += strip) {
      for (Index k = c; k < c + strip; k += line<T>) {
        ask_for(g0 + 2 * size + k);
        ask_for(g1 + 2 * size + k);
        ask_for(x0 + 2 * size + k);
        ask_for(x1 + 2 * size + k);
      }
      OPTEX_INDEPENDENT
      for (Index k = c; k < c + strip; ++k) step(k);
    }
    OPTEX_INDEPENDENT
    for (; c < size; ++c) step(c);
  }
  for (; i < count; ++i) {
    const double weight = weights[i];
    const double sloped = weight * slope;
    for (Index c = 0; c < size; ++c) {
      sum[c] += weight * (static_cast<double>(g[i][c]) - g_origin[c]);
      sum[c] -= sloped * (static_cast<double>(x[i][c]) - x_origin[c]);
    }
  }
}

/// `R` rows side by side, each in its own lanes.
template <int R, class T>
OPTEX_INLINE void distances_to_rows(const double* __restrict point, const T* const* rows, double* out,
                                    Index size) {
  double lane[R][sum_lanes] = {};
  Index i = 0;
  for (; i + sum_lanes <= size; i += sum_lanes) {
    for (int r = 0; r < R; ++r) {
      const T* const row = rows[r] + i;
      for (Index k = 0; k < sum_lanes; k += cache_line / static_cast<Index>(sizeof(T)))
        ask_for(row + R * size + k);
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
void add_weighted_with_slope(const double* const* g, const double* const* x, const double* weights,
                             double slope, Index count, const double* g_origin, const double* x_origin,
                             double* sum, Index size) {
  add_weighted_rows_with_slope(g, x, weights, slope, count, g_origin, x_origin, sum, size);
}
OPTEX_VECTOR_CLONES
void add_weighted_with_slope(const float* const* g, const float* const* x, const double* weights,
                             double slope, Index count, const double* g_origin, const double* x_origin,
                             double* sum, Index size) {
  add_weighted_rows_with_slope(g, x, weights, slope, count, g_origin, x_origin, sum, size);
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
void difference_products(const PairRow& a, const PairRow& b, Index size, double* out) {
  double xx[sum_lanes] = {}, gg[sum_lanes] = {}, xg[sum_lanes] = {};
  const double *const ax = a.theta, *const ag = a.gradient, *const bx = b.theta, *const bg = b.gradient;
  const auto add = [&](Index lane, Index i) __attribute__((always_inline)) {
    const double x = ax[i] - bx[i];
    const double g = ag[i] - bg[i];
    xx[lane] += x * x;
    gg[lane] += g * g;
    xg[lane] += x * g;
  };
  Index i = 0;
  for (; i + sum_lanes <= size; i += sum_lanes)
    for (Index k = 0; k < sum_lanes; ++k) add(k, i + k);
  for (Index k = 0; i < size; ++i, ++k) add(k, i);
  out[0] = fold_lanes(xx);
  out[1] = fold_lanes(gg);
  out[2] = fold_lanes(xg);
}

OPTEX_VECTOR_CLONES
void step_products(const PairRow& a, const PairRow& b, Index size, double* out) {
  double ba[sum_lanes] = {}, ab[sum_lanes] = {};
  const double *const as = a.theta_step, *const at = a.gradient_step;
  const double *const bs = b.theta_step, *const bt = b.gradient_step;
  const auto add = [&](Index lane, Index i) __attribute__((always_inline)) {
    ba[lane] += bs[i] * at[i];
    ab[lane] += as[i] * bt[i];
  };
  Index i = 0;
  for (; i + sum_lanes <= size; i += sum_lanes)
    for (Index k = 0; k < sum_lanes; ++k) add(k, i + k);
  for (Index k = 0; i < size; ++i, ++k) add(k, i);
  out[0] = fold_lanes(ba);
  out[1] = fold_lanes(ab);
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

OPTEX_VECTOR_CLONES
void add_combination(const double* __restrict x, const double* __restrict x_origin, double a,
                     const double* __restrict g, const double* __restrict g_origin, double b,
                     double* __restrict sum, Index size) {
  for (Index c = 0; c < size; ++c) sum[c] += a * (x[c] - x_origin[c]) + b * (g[c] - g_origin[c]);
}

}  // namespace optex::tile
