#pragma once

#include "optex/core/objective.hpp"
#include "optex/data/batch_sampler.hpp"
#include "optex/data/dataset.hpp"

#include <memory>

namespace optex {

struct SoftmaxOptions {
  Index shards = 1;
  Index batch = 0;  ///< samples in a mini-batch, drawn from all the data; 0: all
  double l2 = 0.0;  ///< penalty l2/2 |weights|^2
};

/// Multinomial logistic regression: with the logits z = W x + b of a sample,
///   F = mean over samples of (log sum_c exp z_c - z_label) + l2/2 |W|^2; the bias is not penalised.
///
/// theta = W row by row (classes x features), then b (classes); the start is 0. Shard j holds
/// F_j = 1/n sum over its samples + n_j/n of the penalty, so sum_j F_j = F for any sizes. With a mini-batch,
/// the mean runs over the batch and F_j over the part of it that falls into shard j, which may be empty. Cost
/// of a gradient: 4 x samples x features x classes operations; memory: one block of 256 samples. Of
/// sparse data only what is stored is touched.
class SoftmaxRegression final : public Objective {
 public:
  /// test: what assess() measures on, may be null. Throws UsageError when shards or batch do not fit the
  /// data, l2 is negative, or the two sets differ in features or classes.
  SoftmaxRegression(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test,
                    const SoftmaxOptions& options = {});

  Index dimension() const override { return train_->class_count() * (train_->feature_count() + 1); }
  Index shard_count() const override { return sampler_.shard_count(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override { return sampler_.is_random(); }

  /// train_accuracy and, with a test set, test_accuracy and test_loss (mean cross-entropy without the
  /// penalty).
  std::vector<Measure> assess(ConstVectorRef theta) const override;
  /// confusion and, of images, weights (of the first layer).
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override;

 private:
  std::shared_ptr<const Dataset> train_, test_;
  BatchSampler sampler_;
  double l2_;
};

}  // namespace optex
