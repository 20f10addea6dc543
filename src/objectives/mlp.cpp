#include "optex/objectives/mlp.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "check_arguments.hpp"
#include "classification.hpp"
#include "cross_entropy.hpp"

namespace optex {
namespace {

// Far beyond any memory, and far from overflowing an Index.
constexpr double largest_dimension = 1e15;

OutputLoss loss_function(ClassLoss loss) {
  return loss == ClassLoss::cross_entropy ? cross_entropy : squared_error;
}

/// Replaces z by activation(z). Zero stays zero, so the columns beyond the samples do.
void activate(Eigen::Ref<Matrix> z, Activation activation) {
  for (Index k = 0; k < z.cols(); ++k) {
    double* const column = z.col(k).data();
    if (activation == Activation::relu)
      for (Index i = 0; i < z.rows(); ++i) column[i] = column[i] < 0.0 ? 0.0 : column[i];  // NaN stays
    else
      for (Index i = 0; i < z.rows(); ++i) column[i] = std::tanh(column[i]);
  }
}

/// slope *= activation'(z), told by a = activation(z).
void multiply_by_derivative(Matrix& slope, const Eigen::Ref<const Matrix>& a, Activation activation) {
  for (Index k = 0; k < slope.cols(); ++k) {
    double* const out = slope.col(k).data();
    const double* const value = a.col(k).data();
    if (activation == Activation::relu)
      for (Index i = 0; i < slope.rows(); ++i) out[i] = value[i] > 0.0 ? out[i] : 0.0;
    else
      for (Index i = 0; i < slope.rows(); ++i) out[i] *= 1.0 - value[i] * value[i];
  }
}

/// What a block of samples becomes on its way through the network.
class ForwardPass {
 public:
  ForwardPass(const std::vector<Matrix>& layers, Activation activation)
      : layers_(layers), activation_(activation), activations_(layers.size() - 1) {}

  /// Writes classes x columns into `outputs`.
  void run(const SampleBlock& block, Matrix& outputs) {
    const Index columns = block.inputs.cols();
    for (std::size_t l = 0; l + 1 < layers_.size(); ++l) {
      Matrix& a = activations_[l];
      const Index width = layers_[l].cols();
      a.resize(width + 1, columns);
      multiply(l, block, a.topRows(width));
      activate(a.topRows(width), activation_);
      a.row(width) = block.inputs.bottomRows(1);  // ones, and zeros beyond the samples
    }
    outputs.resize(layers_.back().cols(), columns);
    multiply(layers_.size() - 1, block, outputs);
  }

  /// a_l behind hidden layer l, (width + 1) x columns, the last row as in SampleBlock.
  const Matrix& activations(std::size_t l) const { return activations_[l]; }

 private:
  void multiply(std::size_t l, const SampleBlock& block, Eigen::Ref<Matrix> out) const {
    if (l == 0)
      out.noalias() = layers_[0].transpose() * block.inputs;
    else
      out.noalias() = layers_[l].transpose() * activations_[l - 1];
  }

  const std::vector<Matrix>& layers_;
  Activation activation_;
  std::vector<Matrix> activations_;
};

}  // namespace

Mlp::Mlp(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test, const MlpOptions& options)
    : train_(std::move(train)),
      test_(std::move(test)),
      options_(options),
      sampler_(train_->sample_count(), options.shards, options.batch) {
  if (!(options_.l2 >= 0) || !std::isfinite(options_.l2))
    throw UsageError(fmt::format("problem.l2 = {}: must be a number of at least 0", options_.l2));
  check_test_set(*train_, test_.get());

  std::vector<Index> widths = options_.hidden;
  widths.push_back(train_->class_count());
  Index inputs = train_->feature_count();
  double total = 0.0;
  for (const Index width : widths) {
    if (width < 1) throw UsageError(fmt::format("problem.hidden: {} is no width, at least 1 is", width));
    total += (static_cast<double>(inputs) + 1.0) * static_cast<double>(width);
    if (total > largest_dimension)
      throw UsageError(fmt::format("problem.hidden: {:.1e} parameters are too many", total));
    layers_.push_back({inputs, width, dimension_});
    dimension_ += layers_.back().size();
    inputs = width;
  }
  fix_product_blocking();
}

Vector Mlp::initial_point() const {
  const CounterRandom random(SampleKey{.seed = options_.seed}, Stream::initial_point);
  Vector theta = Vector::Zero(dimension_);
  for (const Layer& layer : layers_) {
    const Index fans = options_.activation == Activation::relu ? layer.inputs : layer.inputs + layer.outputs;
    const double deviation = std::sqrt(2.0 / static_cast<double>(fans));
    for (Index i = layer.first; i < layer.first + layer.weights(); ++i)
      theta[i] = deviation * random.normal(static_cast<std::uint64_t>(i));
  }
  return theta;
}

std::vector<Matrix> Mlp::unpack(ConstVectorRef theta) const {
  std::vector<Matrix> matrices;
  matrices.reserve(layers_.size());
  for (const Layer& layer : layers_)
    matrices.push_back(with_bias_row(theta.segment(layer.first, layer.size()), layer.inputs, layer.outputs));
  return matrices;
}

double Mlp::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                               VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const Selection selection = sampler_.select(key, shard);
  const std::vector<Matrix> weights = unpack(theta);
  const OutputLoss loss = loss_function(options_.loss);
  ForwardPass forward(weights, options_.activation);

  std::vector<Matrix> sums;  // over samples of the derivative with respect to each layer
  sums.reserve(weights.size());
  for (const Matrix& layer : weights) sums.emplace_back(Matrix::Zero(layer.rows(), layer.cols()));
  Vector losses(std::ssize(selection.samples));
  Matrix slope, before;  // derivative with respect to what an activation is applied to
  for_each_block(*train_, selection.samples, [&](const SampleBlock& block) {
    forward.run(block, slope);
    const Index samples = std::ssize(block.samples);
    for (Index k = 0; k < samples; ++k)
      losses[block.first + k] =
          loss(column(slope, k), label_of(*train_, block.samples[static_cast<std::size_t>(k)]));
    slope.rightCols(slope.cols() - samples).setZero();
    for (std::size_t l = weights.size() - 1; l > 0; --l) {
      const Matrix& a = forward.activations(l - 1);
      const Index width = weights[l].rows() - 1;
      sums[l].noalias() += a * slope.transpose();
      before.noalias() = weights[l].topRows(width) * slope;
      multiply_by_derivative(before, a.topRows(width), options_.activation);
      std::swap(slope, before);
    }
    sums[0].noalias() += block.inputs * slope.transpose();
  });

  const double penalty = options_.l2 * sampler_.share(shard);
  double value = selection.weight * sum(losses);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const auto own = theta.segment(layer.first, layer.weights());
    Eigen::Map<Matrix>(gradient.data() + layer.first, layer.inputs, layer.outputs) =
        selection.weight * sums[l].topRows(layer.inputs);
    gradient.segment(layer.first, layer.weights()) += penalty * own;
    gradient.segment(layer.first + layer.weights(), layer.outputs) =
        selection.weight * sums[l].row(layer.inputs).transpose();
    value += 0.5 * penalty * squared_norm(own);
  }
  return value;
}

std::vector<Measure> Mlp::assess(ConstVectorRef theta) const {
  const std::vector<Matrix> weights = unpack(theta);
  ForwardPass forward(weights, options_.activation);
  return assess_classifier(
      *train_, test_.get(), [&](const SampleBlock& block, Matrix& outputs) { forward.run(block, outputs); },
      loss_function(options_.loss));
}

}  // namespace optex
