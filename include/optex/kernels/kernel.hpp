#pragma once

namespace optex {

/// A stationary covariance function of q = r^2 / l^2, the squared distance in units of the lengthscale, with
/// k(0) = 1. Separable over coordinates: the same n x n matrix serves every component of the gradient.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// k(q); q >= 0 (tiny negative values from round-off count as 0).
  virtual double operator()(double q) const = 0;
};

}  // namespace optex
