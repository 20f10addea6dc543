#pragma once

#include "optex/core/types.hpp"

/// Inner products and squared distances of many rows with many, a block of coordinates at a time: several of
/// them share in registers the numbers that they load, so that they are bound by arithmetic and not by the
/// caches. Every one runs in 8 fixed lanes of fused multiplications that are folded pairwise: its digits
/// depend on the two rows alone, not on the other rows, the vector width or the threads.
///
/// The number of rows must be a multiple of 4 (row_group) and their length of 8 (row_lanes): fill up with
/// zeros.
namespace optex {

inline constexpr Index row_group = 4;
inline constexpr Index row_lanes = 8;

/// `count` brought up to the next multiple of `unit`.
constexpr Index filled_up(Index count, Index unit) { return (count + unit - 1) / unit * unit; }

struct RowList {
  const double* const* rows;
  Index count;
};

/// out[i b.count + j] += a_i'b_j for j <= diagonal + i; what stands beyond means nothing. 2 operations a
/// product and coordinate. Rows of b are asked for ahead and come from memory once for 64 rows of a.
void add_row_products(const RowList& a, const RowList& b, Index diagonal, Index size, double* out);

/// out[i b.count + j] += |a_i - b_j|^2, likewise. 3 operations each.
void add_squared_distances(const RowList& a, const RowList& b, Index diagonal, Index size, double* out);

/// out[i count + j] += row_i'row_j for j <= i, of rows that stand `stride` numbers apart.
void add_row_products(const double* rows, Index stride, Index count, Index size, double* out);

}  // namespace optex
