#pragma once

#include "optex/core/types.hpp"

/// Inner products and distances of many rows with each other, a block of coordinates at a time: several
/// products share the numbers that they load, so that they are bound by arithmetic and not by the caches.
/// Every product runs in 8 fixed lanes that are folded pairwise: its digits depend on the two rows alone, not
/// on the other rows, the vector width or the threads.
///
/// Rows stand `stride` numbers apart. Their number must be a multiple of 4 (row_group) and their length of 8
/// (row_lanes): fill up with zeros.
namespace optex {

inline constexpr Index row_group = 4;
inline constexpr Index row_lanes = 8;

/// `count` brought up to the next multiple of `unit`.
constexpr Index filled_up(Index count, Index unit) { return (count + unit - 1) / unit * unit; }

/// out[i count + j] += row_i'row_j for j <= i; what stands above the diagonal means nothing. 2 operations a
/// product and coordinate.
void add_row_products(const double* rows, Index stride, Index count, Index size, double* out);

}  // namespace optex
