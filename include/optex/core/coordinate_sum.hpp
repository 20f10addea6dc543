#pragma once

#include "optex/core/types.hpp"

#include <functional>

namespace optex {

/// Sums over blocks of `block` coordinates each (the last may be shorter) of a vector of which this thread
/// has `coordinates` entries, `width` of them at a time: totals_k, k < width, are the sums of what term(i,
/// partial), which finds `partial` as it was left, writes into partial_k for the i-th block, on all threads.
/// `block` divides 65,536 or is not less than `coordinates`. Blocks are added up in their order within a
/// segment, segments in theirs (segment_length()): the same digits on any number of threads and, where the
/// vector is a slice (SlicesInUse), of ranks. Memory: `width` numbers a segment.
void sum_over_coordinates(Index coordinates, Index block, Index width,
                          const std::function<void(Index, double*)>& term, double* totals);

}  // namespace optex
