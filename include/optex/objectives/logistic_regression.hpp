#pragma once

#include "optex/data/batch_sampler.hpp"
#include "optex/data/dataset.hpp"
#include "optex/objectives/objective.hpp"

#include <memory>

namespace optex {

struct LogisticOptions {
  Index shards = 1;
  Index batch = 0;  ///< samples in a mini-batch, drawn from all the data; 0: all
  double l2 = 0.0;  ///< penalty l2/2 |weights|^2
};

/// Logistic regression, two classes 0 and 1: with z = w'x + b of a sample and s = +1 for class 1, -1 for 0,
///   F = mean over samples of log(1 + exp(-s z)) + l2/2 |w|^2; the bias is not penalised.
///
/// theta = w (features), then b; the start is 0. Shards and mini-batches as in SoftmaxRegression. Of sparse
/// data only what is stored is touched: 4 operations a stored number; dense data cost 4 a feature.
class LogisticRegression final : public Objective {
 public:
  /// test: what assess() measures on, may be null. Throws UsageError when the data have more than two
  /// classes, shards or batch do not fit them, l2 is negative, or the two sets differ.
  LogisticRegression(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test,
                     const LogisticOptions& options = {});

  Index dimension() const override { return train_->feature_count() + 1; }
  Index shard_count() const override { return sampler_.shard_count(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override { return sampler_.is_random(); }

  /// train_accuracy and, with a test set, test_accuracy and test_loss (mean loss without the penalty).
  std::vector<Measure> assess(ConstVectorRef theta) const override;

 private:
  std::shared_ptr<const Dataset> train_, test_;
  BatchSampler sampler_;
  double l2_;
};

}  // namespace optex
