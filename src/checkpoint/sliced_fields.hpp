#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/methods/run_state.hpp"

#include <cstdint>
#include <vector>

/// What load_checkpoint() on rank 0 and receive_slices() on the others say to each other besides rows.
namespace optex {

/// Said of a matrix that has no rows either, instead of its number of columns.
inline constexpr Index no_columns = -1;

/// A history without its rows.
struct HistoryShape {
  std::int64_t capacity = 0, bits = 64;
  Vector values;
  std::vector<std::int64_t> iterations;
};

/// Rank 0's, on all ranks.
HistoryShape share_shape(const HistoryShape& shape, CoordinateSlices& slices);

/// Makes all members that are not long those of rank 0.
void share_short_fields(RunState& state, CoordinateSlices& slices);

}  // namespace optex
