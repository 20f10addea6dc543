#pragma once

#include "optex/core/types.hpp"

/// The inner loops of the gradient history: one tile of `width` neighbouring coordinates, `count` rows of it.
/// All arithmetic is in double precision, whatever the rows are stored in. Every loop asks memory for what
/// comes next in the tile while it computes: one core alone cannot keep enough requests under way by loads
/// only.
namespace optex::tile {

/// Coordinates a tile: the accumulators of a loop (8 KiB each) stay in the first-level cache and the rows of
/// both kinds in the second-level one (48 entries: 768 KiB in double precision).
inline constexpr Index width = 1024;

/// sum += weight_i (row_i - origin), i in order. One pass over the rows.
void add_weighted(const double* const* rows, const double* weights, Index count, const double* origin,
                  double* sum, Index size);
void add_weighted(const float* const* rows, const double* weights, Index count, const double* origin,
                  double* sum, Index size);

/// sum += weight_i (g_i - g_origin), then sum -= weight_i slope (x_i - x_origin), i in order.
void add_weighted_with_slope(const double* const* g, const double* const* x, const double* weights,
                             double slope, Index count, const double* g_origin, const double* x_origin,
                             double* sum, Index size);
void add_weighted_with_slope(const float* const* g, const float* const* x, const double* weights,
                             double slope, Index count, const double* g_origin, const double* x_origin,
                             double* sum, Index size);

/// out_i = |point - row_i|^2, each in the lanes of core/reductions.
void squared_distances(const double* point, const double* const* rows, Index count, double* out, Index size);
void squared_distances(const double* point, const float* const* rows, Index count, double* out, Index size);

/// One row of each kind of a pair of entries, with its change since the entry before.
struct PairRow {
  const double* theta;
  const double* gradient;
  const double* theta_step;
  const double* gradient_step;
};

/// Of two entries a and b: out = {|x_a - x_b|^2, |g_a - g_b|^2, (x_a - x_b)'(g_a - g_b)}, each in the lanes
/// of core/reductions. Four rows at a time fit into the first-level cache, eight do not: hence two functions.
void difference_products(const PairRow& a, const PairRow& b, Index size, double* out);
/// out = {b's theta step with a's gradient step, a's theta step with b's gradient step}, likewise.
void step_products(const PairRow& a, const PairRow& b, Index size, double* out);

/// to = a - b
void subtract(const double* a, const double* b, double* to, Index size);

/// to = from, in the other precision. Numbers beyond the range of `float` become its largest.
void widen(const float* from, double* to, Index size);
void narrow(const double* from, float* to, Index size);

/// sum += a (x - x_origin) + b (g - g_origin)
void add_combination(const double* x, const double* x_origin, double a, const double* g,
                     const double* g_origin, double b, double* sum, Index size);

}  // namespace optex::tile
