#include "optex/objectives/softmax_regression.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/reductions.hpp"

#include <cmath>
#include <numeric>
#include <utility>

#include "check_arguments.hpp"
#include "cross_entropy.hpp"
#include "sample_blocks.hpp"

namespace optex {
namespace {

/// theta as one matrix, (features + 1) x classes: a column is a class's weights and, below them, its bias.
Matrix with_bias_row(ConstVectorRef theta, Index features, Index classes) {
  Matrix layer(features + 1, classes);
  layer.topRows(features) = Eigen::Map<const Matrix>(theta.data(), features, classes);
  layer.row(features) = theta.tail(classes).transpose();
  return layer;
}

std::span<double> column(Matrix& matrix, Index k) {
  return {matrix.col(k).data(), static_cast<std::size_t>(matrix.rows())};
}

std::int32_t label_of(const Dataset& data, Index sample) {
  return data.labels()[static_cast<std::size_t>(sample)];
}

struct Quality {
  double accuracy = 0.0, loss = 0.0;
};

Quality measure(const Dataset& data, const Matrix& layer) {
  std::vector<Index> all(static_cast<std::size_t>(data.sample_count()));
  std::iota(all.begin(), all.end(), Index{0});
  Vector losses(data.sample_count());
  Index right = 0;
  Matrix logits;
  for_each_block(data, all, [&](const SampleBlock& block) {
    logits.noalias() = layer.transpose() * block.inputs;
    for (Index k = 0; k < std::ssize(block.samples); ++k) {
      const std::int32_t label = label_of(data, block.samples[static_cast<std::size_t>(k)]);
      right += is_predicted(column(logits, k), label) ? 1 : 0;
      losses[block.first + k] = cross_entropy(column(logits, k), label);
    }
  });
  const auto n = static_cast<double>(data.sample_count());
  return {static_cast<double>(right) / n, sum(losses) / n};
}

}  // namespace

SoftmaxRegression::SoftmaxRegression(std::shared_ptr<const Dataset> train,
                                     std::shared_ptr<const Dataset> test, const SoftmaxOptions& options)
    : train_(std::move(train)),
      test_(std::move(test)),
      sampler_(train_->sample_count(), options.shards, options.batch),
      l2_(options.l2) {
  if (!(l2_ >= 0) || !std::isfinite(l2_))
    throw UsageError(fmt::format("problem.l2 = {}: must be a number of at least 0", l2_));
  if (test_ &&
      (test_->feature_count() != train_->feature_count() || test_->class_count() != train_->class_count()))
    throw UsageError(fmt::format("{}: {} features and {} classes, but the training data have {} and {}",
                                 test_->describe().source, test_->feature_count(), test_->class_count(),
                                 train_->feature_count(), train_->class_count()));
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
  std::vector<Measure> measures = {{"train_accuracy", measure(*train_, layer).accuracy}};
  if (test_) {
    const Quality quality = measure(*test_, layer);
    measures.push_back({"test_accuracy", quality.accuracy});
    measures.push_back({"test_loss", quality.loss});
  }
  return measures;
}

}  // namespace optex
