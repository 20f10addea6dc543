#include "optex/data/features.hpp"

#include "optex/core/errors.hpp"

#include <utility>

#include <fmt/format.h>

namespace optex {

void FeatureTable::refuse_absent(Index sample) const {
  throw Error(ExitCode::internal, fmt::format("sample {} is not on this rank, which has {} from {} on",
                                              sample, sample_count(), first_sample_));
}

ByteFeatures::ByteFeatures(std::vector<std::uint8_t> bytes, Index features, double scale, Index first_sample)
    : FeatureTable(first_sample), bytes_(std::move(bytes)), feature_count_(features), scale_(scale) {
  const auto size = static_cast<Index>(bytes_.size());
  if (features < 1 || size % features != 0)
    throw UsageError(fmt::format("{} bytes cannot be cut into samples of {} features", size, features));
  sample_count_ = size / features;
}

void ByteFeatures::read(std::span<const Index> samples, Eigen::Ref<Matrix> columns) const {
  for (std::size_t k = 0; k < samples.size(); ++k) {
    const std::uint8_t* const from = bytes_.data() + place_of(samples[k]) * feature_count_;
    double* const to = columns.col(static_cast<Index>(k)).data();
    for (Index i = 0; i < feature_count_; ++i) to[i] = static_cast<double>(from[i]) * scale_;
  }
}

}  // namespace optex
