#include "optex/objectives/mlp.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/reductions.hpp"

#include <utility>

#include "check_arguments.hpp"
#include "classification.hpp"
#include "cross_entropy.hpp"
#include "dense_network.hpp"

namespace optex {
namespace {

OutputLoss loss_function(ClassLoss loss) {
  return loss == ClassLoss::cross_entropy ? cross_entropy : squared_error;
}

}  // namespace

Mlp::Mlp(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test, const MlpOptions& options)
    : train_(std::move(train)),
      test_(std::move(test)),
      options_(options),
      sampler_(train_->sample_count(), options.shards, options.batch) {
  check_not_negative("problem.l2", options_.l2);
  check_test_set(*train_, test_.get());
  network_ = std::make_unique<const DenseNetwork>(train_->feature_count(), options_.hidden,
                                                  train_->class_count(), options_.activation);
  fix_product_blocking();
}

Mlp::~Mlp() = default;

Index Mlp::dimension() const { return network_->dimension(); }

Vector Mlp::initial_point() const { return network_->initial_point(options_.seed); }

double Mlp::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                               VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const Selection selection = sampler_.select(key, shard);
  const OutputLoss loss = loss_function(options_.loss);
  DenseNetwork::Pass pass(*network_, theta);
  Vector losses(std::ssize(selection.samples));
  Matrix slope;  // outputs, then their derivatives
  for_each_block(*train_, selection.samples, [&](const SampleBlock& block) {
    pass.forward(block.inputs, slope);
    const Index samples = std::ssize(block.samples);
    for (Index k = 0; k < samples; ++k)
      losses[block.first + k] =
          loss(column(slope, k), label_of(*train_, block.samples[static_cast<std::size_t>(k)]));
    slope.rightCols(slope.cols() - samples).setZero();
    pass.backward(block.inputs, slope);
  });
  pass.write_gradient(selection.weight, gradient);

  const double penalty = options_.l2 * sampler_.share(shard);
  double value = selection.weight * sum(losses);
  for (const DenseNetwork::Layer& layer : network_->layers()) {
    const auto own = theta.segment(layer.first, layer.weights());
    gradient.segment(layer.first, layer.weights()) += penalty * own;
    value += 0.5 * penalty * squared_norm(own);
  }
  return value;
}

namespace {

OutputWalk outputs_of(DenseNetwork::Pass& pass) {
  return [&pass](const Dataset& data, std::span<const Index> samples, const OutputVisit& visit) {
    Matrix outputs;
    for_each_block(data, samples, [&](const SampleBlock& block) {
      pass.forward(block.inputs, outputs);
      visit_columns(block, outputs, visit);
    });
  };
}

}  // namespace

std::vector<Measure> Mlp::assess(ConstVectorRef theta) const {
  DenseNetwork::Pass pass(*network_, theta);
  return assess_classifier(*train_, test_.get(), outputs_of(pass), loss_function(options_.loss));
}

std::vector<Exhibit> Mlp::exhibits(ConstVectorRef theta) const {
  DenseNetwork::Pass pass(*network_, theta);
  const DenseNetwork::Layer& first = network_->layers().front();
  return exhibit_classifier(
      *train_, test_.get(), outputs_of(pass),
      with_bias_row(theta.segment(first.first, first.size()), first.inputs, first.outputs));
}

}  // namespace optex
