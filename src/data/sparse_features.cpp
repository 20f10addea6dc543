#include "optex/data/sparse_features.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace optex {

SparseFeatures::SparseFeatures(std::vector<std::size_t> starts, std::vector<std::int32_t> columns,
                               std::vector<double> values, Index features, Index first_sample)
    : FeatureTable(first_sample),
      starts_(std::move(starts)),
      columns_(std::move(columns)),
      values_(std::move(values)),
      feature_count_(features) {
  const bool fits = !starts_.empty() && starts_.front() == 0 && starts_.back() == values_.size() &&
                    columns_.size() == values_.size() && std::is_sorted(starts_.begin(), starts_.end());
  if (!fits) throw UsageError("sparse features: starts, columns and values do not fit together");
  for (const std::int32_t column : columns_)
    if (column < 0 || column >= features)
      throw UsageError(fmt::format("sparse features: column {} of {}", column, features));
}

SparseFeatures::Row SparseFeatures::row(Index sample) const {
  const auto place = static_cast<std::size_t>(place_of(sample));
  const std::size_t first = starts_[place];
  const std::size_t count = starts_[place + 1] - first;
  return {{columns_.data() + first, count}, {values_.data() + first, count}};
}

void SparseFeatures::read(std::span<const Index> samples, Eigen::Ref<Matrix> columns) const {
  for (std::size_t k = 0; k < samples.size(); ++k) {
    auto out = columns.col(static_cast<Index>(k));
    out.setZero();
    const Row entries = row(samples[k]);
    for (std::size_t i = 0; i < entries.values.size(); ++i) out[entries.columns[i]] = entries.values[i];
  }
}

double SparseFeatures::bytes() const {
  return 12.0 * static_cast<double>(values_.size()) + 8.0 * static_cast<double>(starts_.size());
}

}  // namespace optex
