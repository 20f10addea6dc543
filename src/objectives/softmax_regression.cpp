#include "optex/objectives/softmax_regression.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/reductions.hpp"

#include <cmath>
#include <utility>

#include "check_arguments.hpp"
#include "classification.hpp"
#include "cross_entropy.hpp"

namespace optex {
SoftmaxRegression::SoftmaxRegression(std::shared_ptr<const Dataset> train,
                                     std::shared_ptr<const Dataset> test, const SoftmaxOptions& options)
    : train_(std::move(train)),
      test_(std::move(test)),
      sampler_(train_->sample_count(), options.shards, options.batch),
      l2_(options.l2) {
  if (!(l2_ >= 0) || !std::isfinite(l2_))
    throw UsageError(fmt::format("problem.l2 = {}: must be a number of at least 0", l2_));
  check_test_set(*train_, test_.get());
  fix_product_blocking();
}

double SoftmaxRegression::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                             VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const Index features = train_->feature_count();
  const Index classes = train_->class_count();
  const Index weights = features * classes;
  const Matrix layer = with_bias_row(theta, features, classes);
  const Selection selection = sampler_.select(key, shard);

  Matrix slope = Matrix::Zero(features + 1, classes);  // sum over samples of x (softmax - onehot)'
  Vector losses(std::ssize(selection.samples));
  Matrix logits;  // classes x samples, then their derivatives
  for_each_block(*train_, selection.samples, [&](const SampleBlock& block) {
    logits.noalias() = layer.transpose() * block.inputs;
    for (Index k = 0; k < std::ssize(block.samples); ++k)
      losses[block.first + k] =
          cross_entropy(column(logits, k), label_of(*train_, block.samples[static_cast<std::size_t>(k)]));
    // The columns beyond the samples are zero in `inputs` and drop out here.
    slope.noalias() += block.inputs * logits.transpose();
  });

  const double penalty = l2_ * sampler_.share(shard);
  Eigen::Map<Matrix>(gradient.data(), features, classes) = selection.weight * slope.topRows(features);
  gradient.head(weights) += penalty * theta.head(weights);
  gradient.tail(classes) = selection.weight * slope.row(features).transpose();
  return selection.weight * sum(losses) + 0.5 * penalty * squared_norm(theta.head(weights));
}

std::vector<Measure> SoftmaxRegression::assess(ConstVectorRef theta) const {
  const Matrix layer = with_bias_row(theta, train_->feature_count(), train_->class_count());
  return assess_classifier(
      *train_, test_.get(),
      [&](const SampleBlock& block, Matrix& logits) { logits.noalias() = layer.transpose() * block.inputs; },
      cross_entropy);
}

}  // namespace optex
