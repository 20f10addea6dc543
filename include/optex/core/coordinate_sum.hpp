#pragma once

#include "optex/core/types.hpp"

#include <functional>
#include <vector>

namespace optex {

class CoordinateSlices;

/// Sums over blocks of `block` coordinates each (the last may be shorter) of a vector of which this thread
/// has `coordinates` entries, `width` of them at a time. `block` divides 65,536 or is not less than
/// `coordinates`. Blocks are added up in their order within a segment, segments in theirs (segment_length()):
/// the same digits on any number of threads and, where the vector is a slice (SlicesInUse), of ranks.
/// Memory: `width` numbers a segment.
class CoordinateSum {
 public:
  CoordinateSum(Index coordinates, Index block, Index width);

  /// Adds what term(i, partial) writes into partial_k, k < width, for the blocks i in [begin, end), on all
  /// threads; `partial` is not cleared before. Every block once, in their order from call to call.
  void add_blocks(Index begin, Index end, const std::function<void(Index, double*)>& term);

  /// The sums, when all blocks have been added: `width` numbers. Of a slice, all ranks together.
  void totals(double* out) const;

 private:
  CoordinateSlices* slices_;  ///< null unless the vector is one
  Index width_, segments_, blocks_a_segment_;
  std::vector<double> sums_;  ///< by segment
};

/// The same for all blocks at once.
void sum_over_coordinates(Index coordinates, Index block, Index width,
                          const std::function<void(Index, double*)>& term, double* totals);

}  // namespace optex
