#pragma once

#include "optex/core/types.hpp"

#include <functional>
#include <vector>

/// Products and combinations of many rows of length d, the only work of that size in a model of secant pairs.
/// Every product of two rows runs in 8 fixed lanes a block of 512 coordinates, the blocks in the order of
/// core/coordinate_sum: its digits depend on the two rows alone. So do those of a combination on its rows and
/// weights alone.
namespace optex {

/// Coordinates whose products are made side by side.
inline constexpr Index row_block = 512;

/// Rows of d numbers, read a block at a time: the numbers [first, first + count) of a row, where they stand
/// or made in `room` (count numbers).
struct RowSet {
  Index count = 0;
  std::function<const double*(Index row, Index first, Index count, double* room)> read;
};

/// Rows that stand somewhere.
RowSet rows_at(std::vector<const double*> rows);
/// One after the other.
RowSet joined(std::vector<RowSet> parts);

/// A whole row of `length` numbers.
void copy_row(const RowSet& rows, Index row, Index length, double* to);

/// a.count x b.count: a_i'b_j. Cost: 2 d operations a product; every row is read once.
Matrix row_products(const RowSet& a, const RowSet& b, Index length);
/// a_i'a_j, symmetric; half of that.
Matrix row_products(const RowSet& a, Index length);

/// Sum over i of weights(i, k) row_i for all k: d x K. weights: rows x K.
Matrix row_combinations(const RowSet& rows, const Matrix& weights, Index length);

}  // namespace optex
