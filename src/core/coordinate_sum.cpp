#include "optex/core/coordinate_sum.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace optex {

void sum_over_coordinates(Index coordinates, Index block, Index width,
                          const std::function<void(Index, double*)>& term, double* totals) {
  const Index length = segment_length(whole_length(coordinates));
  assert(length % block == 0 || block >= coordinates);
  const Index segments = std::max<Index>(1, coordinates / length);
  const Index blocks_a_segment = std::max<Index>(1, length / block);
  std::vector<double> sums(static_cast<std::size_t>(segments * width));
  const auto add = [&](Index i, const double* partial) {
    double* const sum = sums.data() + std::min(i / blocks_a_segment, segments - 1) * width;
    for (Index k = 0; k < width; ++k) sum[k] += partial[k];
  };
  parallel_fold(0, (coordinates + block - 1) / block, width, term, add);
  add_up_segments(coordinates, sums, width, totals);
}

}  // namespace optex
