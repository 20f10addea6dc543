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
/// What is gone through at once where many rows meet many: a part of a tile, 4 KiB a row.
inline constexpr Index part = 512;

/// Loops that go through rows ask memory for as many more of them: after the rows of a list there must stand
/// `rows_ahead` pointers to what is read next (to any rows of the same length).
inline constexpr Index rows_ahead = 4;

/// to = from; past the caches when nobody is going to read it soon: that spares reading what is overwritten.
void write(const double* from, double* to, Index size, bool past_caches);

/// sum += weight_i (row_i - origin), i in order. One pass over the rows. Looks ahead.
void add_weighted(const double* const* rows, const double* weights, Index count, const double* origin,
                  double* sum, Index size);
void add_weighted(const float* const* rows, const double* weights, Index count, const double* origin,
                  double* sum, Index size);

/// out_i = |point - row_i|^2, each in the lanes of core/reductions. Looks ahead.
void squared_distances(const double* point, const double* const* rows, Index count, double* out, Index size);
void squared_distances(const double* point, const float* const* rows, Index count, double* out, Index size);

/// to = a - b
void subtract(const double* a, const double* b, double* to, Index size);

/// to = from, in the other precision. Numbers beyond the range of `float` become its largest.
void widen(const float* from, double* to, Index size);
void narrow(const double* from, float* to, Index size);

}  // namespace optex::tile
