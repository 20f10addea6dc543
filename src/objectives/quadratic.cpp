#include "optex/objectives/quadratic.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>

#include "check_arguments.hpp"
#include "cosine_transform.hpp"

namespace optex {

Quadratic::Quadratic(Index dimension, double condition) {
  if (dimension < 2 || dimension > CosineTransform::largest)
    throw UsageError(
        fmt::format("problem.dimension = {}: quadratic needs 2 to {}", dimension, CosineTransform::largest));
  if (!(condition >= 1.0) || !std::isfinite(condition))
    throw UsageError(fmt::format("problem.condition = {}: must be a number of at least 1", condition));
  transform_ = std::make_unique<const CosineTransform>(dimension);
  spectrum_.resize(dimension);
  for (Index i = 0; i < dimension; ++i)
    spectrum_[i] = std::pow(condition, -static_cast<double>(i) / static_cast<double>(dimension - 1));
}

Quadratic::~Quadratic() = default;

Vector Quadratic::initial_point() const {
  Vector coefficients(dimension());
  Vector start(dimension());
  for (Index i = 0; i < dimension(); ++i) coefficients[i] = 1.5 + std::sin(static_cast<double>(i));
  transform_->inverse(coefficients, start);
  return start;
}

double Quadratic::value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                                     VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const auto d = static_cast<double>(dimension());
  Vector coefficients(dimension());
  transform_->forward(theta, coefficients);
  for (Index i = 0; i < dimension(); ++i) coefficients[i] *= spectrum_[i];
  transform_->inverse(coefficients, gradient);
  const double value = 0.5 * dot(theta, gradient) / d;
  for (Index i = 0; i < dimension(); ++i) gradient[i] /= d;
  return value;
}

}  // namespace optex
