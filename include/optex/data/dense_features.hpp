#pragma once

#include "optex/data/features.hpp"

namespace optex {

/// Features that are doubles in memory.
class DenseFeatures final : public FeatureTable {
 public:
  /// values: samples x features, one sample after the other; its length must be a multiple of `features` >=
  /// 1, or UsageError is thrown.
  DenseFeatures(std::vector<double> values, Index features, Index first_sample = 0);

  Index sample_count() const override { return sample_count_; }
  Index feature_count() const override { return feature_count_; }
  void read(std::span<const Index> samples, Eigen::Ref<Matrix> columns) const override;
  double bytes() const override { return 8.0 * static_cast<double>(values_.size()); }

 private:
  std::vector<double> values_;
  Index feature_count_;
  Index sample_count_ = 0;
};

}  // namespace optex
