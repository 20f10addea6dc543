#include "optex/core/coordinate_sum.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <cassert>

namespace optex {

CoordinateSum::CoordinateSum(Index coordinates, Index block, Index width)
    : slices_(slices_of(coordinates)), width_(width) {
  const Index length = segment_length(slices_ == nullptr ? coordinates : slices_->whole());
  assert(length % block == 0 || block >= coordinates);
  segments_ = std::max<Index>(1, coordinates / length);
  blocks_a_segment_ = std::max<Index>(1, length / block);
  sums_.resize(static_cast<std::size_t>(segments_ * width));
}

void CoordinateSum::add_blocks(Index begin, Index end, const std::function<void(Index, double*)>& term) {
  parallel_fold(begin, end, width_, term, [this](Index i, const double* partial) {
    double* const sum = sums_.data() + std::min(i / blocks_a_segment_, segments_ - 1) * width_;
    for (Index k = 0; k < width_; ++k) sum[k] += partial[k];
  });
}

void CoordinateSum::totals(double* out) const {
  if (slices_ != nullptr) return slices_->add_up(sums_, width_, out);
  std::fill_n(out, width_, 0.0);
  for (Index segment = 0; segment < segments_; ++segment)
    for (Index k = 0; k < width_; ++k) out[k] += sums_[static_cast<std::size_t>(segment * width_ + k)];
}

void sum_over_coordinates(Index coordinates, Index block, Index width,
                          const std::function<void(Index, double*)>& term, double* totals) {
  CoordinateSum sum(coordinates, block, width);
  sum.add_blocks(0, (coordinates + block - 1) / block, term);
  sum.totals(totals);
}

}  // namespace optex
