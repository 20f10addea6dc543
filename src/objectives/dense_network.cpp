#include "dense_network.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"

#include <cmath>
#include <utility>

#include "classification.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

// Far beyond any memory, and far from overflowing an Index.
constexpr double largest_dimension = 1e15;

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

}  // namespace

DenseNetwork::DenseNetwork(Index inputs, const std::vector<Index>& hidden, Index outputs,
                           Activation activation)
    : activation_(activation) {
  std::vector<Index> widths = hidden;
  widths.push_back(outputs);
  double total = 0.0;
  Index first = 0;
  for (const Index width : widths) {
    if (width < 1) throw UsageError(fmt::format("problem.hidden: {} is no width, at least 1 is", width));
    total += (static_cast<double>(inputs) + 1.0) * static_cast<double>(width);
    if (total > largest_dimension)
      throw UsageError(fmt::format("problem.hidden: {:.1e} parameters are too many", total));
    layers_.push_back({inputs, width, first});
    first += layers_.back().size();
    inputs = width;
  }
}

Vector DenseNetwork::initial_point(std::uint64_t seed) const {
  const CounterRandom random(SampleKey{.seed = seed}, Stream::initial_point);
  Vector theta = Vector::Zero(dimension());
  for (const Layer& layer : layers_) {
    const Index fans = activation_ == Activation::relu ? layer.inputs : layer.inputs + layer.outputs;
    const double deviation = std::sqrt(2.0 / static_cast<double>(fans));
    for (Index i = layer.first; i < layer.first + layer.weights(); ++i)
      theta[i] = deviation * random.normal(static_cast<std::uint64_t>(i));
  }
  return theta;
}

DenseNetwork::Pass::Pass(const DenseNetwork& network, ConstVectorRef theta)
    : network_(network), activations_(network.layers_.size() - 1) {
  weights_.reserve(network.layers_.size());
  for (const Layer& layer : network.layers_)
    weights_.push_back(with_bias_row(theta.segment(layer.first, layer.size()), layer.inputs, layer.outputs));
}

void DenseNetwork::Pass::forward(const Eigen::Ref<const Matrix>& inputs, Matrix& outputs) {
  const Index columns = inputs.cols();
  const auto multiply = [&](std::size_t l, Eigen::Ref<Matrix> out) {
    if (l == 0)
      out.noalias() = weights_[0].transpose() * inputs;
    else
      out.noalias() = weights_[l].transpose() * activations_[l - 1];
  };
  for (std::size_t l = 0; l < activations_.size(); ++l) {
    Matrix& a = activations_[l];
    const Index width = weights_[l].cols();
    a.resize(width + 1, columns);
    multiply(l, a.topRows(width));
    activate(a.topRows(width), network_.activation_);
    a.row(width) = inputs.bottomRows(1);  // ones, and zeros beyond the samples
  }
  outputs.resize(weights_.back().cols(), columns);
  multiply(activations_.size(), outputs);
}

void DenseNetwork::Pass::backward(const Eigen::Ref<const Matrix>& inputs, Matrix& slope) {
  if (sums_.empty())
    for (const Matrix& layer : weights_) sums_.emplace_back(Matrix::Zero(layer.rows(), layer.cols()));
  for (std::size_t l = weights_.size() - 1; l > 0; --l) {
    const Matrix& a = activations_[l - 1];
    const Index width = weights_[l].rows() - 1;
    sums_[l].noalias() += a * slope.transpose();
    before_.noalias() = weights_[l].topRows(width) * slope;
    multiply_by_derivative(before_, a.topRows(width), network_.activation_);
    std::swap(slope, before_);
  }
  sums_[0].noalias() += inputs * slope.transpose();
}

void DenseNetwork::Pass::write_gradient(double weight, VectorRef gradient) const {
  if (sums_.empty()) gradient.setZero();  // not a single sample
  for (std::size_t l = 0; l < sums_.size(); ++l) {
    const Layer& layer = network_.layers_[l];
    Eigen::Map<Matrix>(gradient.data() + layer.first, layer.inputs, layer.outputs) =
        weight * sums_[l].topRows(layer.inputs);
    gradient.segment(layer.first + layer.weights(), layer.outputs) =
        weight * sums_[l].row(layer.inputs).transpose();
  }
}

}  // namespace optex
