#pragma once

#include "optex/core/types.hpp"

#include <limits>

namespace optex {

/// A prediction of the gradient everywhere, made from a history. Valid until that history changes.
class GradientModel {
 public:
  virtual ~GradientModel() = default;

  /// Writes the predicted gradient mu(theta) into `mean` (length d) and returns the posterior variance
  /// s2(theta) in units of the signal variance (0 = certain, 1 = as unknown as the prior; NaN when the model
  /// has none).
  virtual double predict(ConstVectorRef theta, VectorRef mean) const = 0;

  /// E||noise||^2 of one observed gradient as the model sees it; 0 when it takes the gradients for exact.
  virtual double noise_energy() const { return 0.0; }
  /// For reports; NaN when the model has none.
  virtual double lengthscale() const { return std::numeric_limits<double>::quiet_NaN(); }
  virtual double nugget() const { return std::numeric_limits<double>::quiet_NaN(); }
};

}  // namespace optex
