#include "optex/core/coordinate_sum.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace optex {

void sum_over_coordinates(Index coordinates, Index block, Index width,
                          const std::function<void(Index, double*)>& term, double* totals) {
  CoordinateSlices* const slices = slices_of(coordinates);  // null unless the vector is one
  const Index length = segment_length(slices == nullptr ? coordinates : slices->whole());
  assert(length % block == 0 || block >= coordinates);
  const Index segments = std::max<Index>(1, coordinates / length);
  const Index blocks_a_segment = std::max<Index>(1, length / block);
  std::vector<double> sums(static_cast<std::size_t>(segments * width));
  const auto add = [&](Index i, const double* partial) {
    double* const sum = sums.data() + std::min(i / blocks_a_segment, segments - 1) * width;
    for (Index k = 0; k < width; ++k) sum[k] += partial[k];
  };
  parallel_fold(0, (coordinates + block - 1) / block, width, term, add);
  if (slices != nullptr) return slices->add_up(sums, width, totals);
  std::fill_n(totals, width, 0.0);
  for (Index segment = 0; segment < segments; ++segment)
    for (Index k = 0; k < width; ++k) totals[k] += sums[static_cast<std::size_t>(segment * width + k)];
}

}  // namespace optex
