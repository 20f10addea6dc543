#include "optex/objectives/softmax_regression.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/reductions.hpp"

#include <utility>

#include "check_arguments.hpp"
#include "cross_entropy.hpp"
#include "linear_walk.hpp"

namespace optex {

SoftmaxRegression::SoftmaxRegression(std::shared_ptr<const Dataset> train,
                                     std::shared_ptr<const Dataset> test, const SoftmaxOptions& options)
    : train_(std::move(train)),
      test_(std::move(test)),
      sampler_(train_->sample_count(), options.shards, options.batch),
      l2_(options.l2) {
  check_not_negative("problem.l2", l2_);
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
  walk_linear(
      *train_, selection.samples, layer,
      [&](Index position, Index sample, std::span<double> logits) {
        losses[position] = cross_entropy(logits, label_of(*train_, sample));
      },
      &slope);

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
      [&](const Dataset& data, std::span<const Index> samples, const OutputVisit& visit) {
        walk_linear(data, samples, layer, visit);
      },
      cross_entropy);
}

std::vector<Exhibit> SoftmaxRegression::exhibits(ConstVectorRef theta) const {
  const Matrix layer = with_bias_row(theta, train_->feature_count(), train_->class_count());
  return exhibit_classifier(
      *train_, test_.get(),
      [&](const Dataset& data, std::span<const Index> samples, const OutputVisit& visit) {
        walk_linear(data, samples, layer, visit);
      },
      layer);
}

}  // namespace optex
