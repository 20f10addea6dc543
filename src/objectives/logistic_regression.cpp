#include "optex/objectives/logistic_regression.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>
#include <utility>

#include "check_arguments.hpp"
#include "linear_walk.hpp"

namespace optex {
namespace {

/// log(1 + exp(-s z)) without overflow, and its derivative -s / (1 + exp(s z)).
double logistic_loss(std::span<double> outputs, std::int32_t label) {
  const double sign = label == 1 ? 1.0 : -1.0;
  const double margin = sign * outputs[0];
  const double tail = std::exp(-std::abs(margin));
  outputs[0] = -sign * (margin > 0.0 ? tail : 1.0) / (1.0 + tail);
  return std::log1p(tail) + (margin > 0.0 ? 0.0 : -margin);
}

}  // namespace

LogisticRegression::LogisticRegression(std::shared_ptr<const Dataset> train,
                                       std::shared_ptr<const Dataset> test, const LogisticOptions& options)
    : train_(std::move(train)),
      test_(std::move(test)),
      sampler_(train_->sample_count(), options.shards, options.batch),
      l2_(options.l2) {
  check_not_negative("problem.l2", l2_);
  if (train_->class_count() != 2)
    throw UsageError(
        fmt::format("{}: {} classes, but logistic regression tells two apart; problem.name = "
                    "\"softmax\" takes any number",
                    train_->describe().source, train_->class_count()));
  check_test_set(*train_, test_.get());
}

double LogisticRegression::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                              VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const Selection selection = sampler_.select(key, shard);
  const Index features = train_->feature_count();
  Matrix slope = Matrix::Zero(features + 1, 1);
  Vector losses(std::ssize(selection.samples));
  walk_linear(
      *train_, selection.samples, with_bias_row(theta, features, 1),
      [&](Index position, Index sample, std::span<double> outputs) {
        losses[position] = logistic_loss(outputs, label_of(*train_, sample));
      },
      &slope);
  const double penalty = l2_ * sampler_.share(shard);
  gradient = selection.weight * slope.col(0);
  gradient.head(features) += penalty * theta.head(features);
  return selection.weight * sum(losses) + 0.5 * penalty * squared_norm(theta.head(features));
}

std::vector<Measure> LogisticRegression::assess(ConstVectorRef theta) const {
  const Matrix layer = with_bias_row(theta, train_->feature_count(), 1);
  return assess_classifier(
      *train_, test_.get(),
      [&](const Dataset& data, std::span<const Index> samples, const OutputVisit& visit) {
        walk_linear(data, samples, layer, visit);
      },
      logistic_loss);
}

}  // namespace optex
