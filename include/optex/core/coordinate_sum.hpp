#pragma once

#include "optex/core/types.hpp"

#include <functional>

namespace optex {

/// totals_k = sum of what term(i, partial) writes into partial_k, k < width, over all blocks i of `block`
/// coordinates each (the last may be shorter) of a vector of which this thread has `coordinates` entries.
/// `block` divides 65,536 or is not less than `coordinates`. Blocks are added up in their order within a
/// segment, segments in theirs (segment_length()): the same digits on any number of threads and, where the
/// vector is a slice (SlicesInUse), of ranks. `partial` is not cleared before.
void sum_over_coordinates(Index coordinates, Index block, Index width,
                          const std::function<void(Index, double*)>& term, double* totals);

}  // namespace optex
