#include "optex/data/dense_features.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace optex {

DenseFeatures::DenseFeatures(std::vector<double> values, Index features, Index first_sample)
    : FeatureTable(first_sample), values_(std::move(values)), feature_count_(features) {
  const auto size = static_cast<Index>(values_.size());
  if (features < 1 || size % features != 0)
    throw UsageError(fmt::format("{} numbers cannot be cut into samples of {} features", size, features));
  sample_count_ = size / features;
}

void DenseFeatures::read(std::span<const Index> samples, Eigen::Ref<Matrix> columns) const {
  for (std::size_t k = 0; k < samples.size(); ++k)
    std::copy_n(values_.data() + place_of(samples[k]) * feature_count_, feature_count_,
                columns.col(static_cast<Index>(k)).data());
}

}  // namespace optex
