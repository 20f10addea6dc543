#include "sample_blocks.hpp"

#include <algorithm>

namespace optex {
namespace {

constexpr Index largest_block = 256;
static_assert(largest_block % sample_block_multiple == 0);

Index padded(Index samples) {
  return (samples + sample_block_multiple - 1) / sample_block_multiple * sample_block_multiple;
}

}  // namespace

void for_each_block(const Dataset& data, std::span<const Index> list,
                    const std::function<void(const SampleBlock&)>& visit) {
  const auto total = static_cast<Index>(list.size());
  const Index features = data.feature_count();
  Matrix inputs(features + 1, std::min(largest_block, padded(total)));
  for (Index first = 0; first < total; first += largest_block) {
    const Index count = std::min(largest_block, total - first);
    const auto samples = list.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    data.features().read(samples, inputs.topLeftCorner(features, count));
    inputs.row(features).head(count).setOnes();
    const Index columns = padded(count);
    inputs.middleCols(count, columns - count).setZero();
    visit({inputs.leftCols(columns), samples, first});
  }
}

}  // namespace optex
