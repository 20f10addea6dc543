#pragma once

#include "optex/data/features.hpp"

#include <cstddef>

namespace optex {

/// Features of which most are zero: only the others are stored, 12 bytes each.
class SparseFeatures final : public FeatureTable {
 public:
  /// Sample i has values[k] in column columns[k] for starts[i] <= k < starts[i + 1]. Throws UsageError when
  /// these do not fit together or a column is outside 0 .. features-1.
  SparseFeatures(std::vector<std::size_t> starts, std::vector<std::int32_t> columns,
                 std::vector<double> values, Index features, Index first_sample = 0);

  /// What is stored of one sample, in the order of the file.
  struct Row {
    std::span<const std::int32_t> columns;
    std::span<const double> values;
  };
  Row row(Index sample) const;

  Index sample_count() const override { return static_cast<Index>(starts_.size()) - 1; }
  Index feature_count() const override { return feature_count_; }
  void read(std::span<const Index> samples, Eigen::Ref<Matrix> columns) const override;
  double bytes() const override;
  const SparseFeatures* sparse() const override { return this; }

 private:
  std::vector<std::size_t> starts_;
  std::vector<std::int32_t> columns_;
  std::vector<double> values_;
  Index feature_count_;
};

}  // namespace optex
