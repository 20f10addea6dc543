#include "optex/core/product_blocking.hpp"
#include "optex/surrogate/quadratic_model.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>

namespace optex {

DampedSteps::DampedSteps(const QuadraticModel& model, const Vector& gradient)
    : model_(model), gradient_(gradient), newton_(-model.whitened_gradient(gradient)) {}

/// With B^-1 = Q T Q', T tridiagonal, a step is -Q T u, u = (I + mu T)^-1 Q'g, and its squared length u'Tu.
void DampedSteps::prepare() {
  fix_product_blocking();
  const Eigen::Tridiagonalization<Matrix> inverse(model_.inverse_hessian());
  diagonal_ = inverse.diagonal();
  beside_ = inverse.subDiagonal();
  turn_ = inverse.matrixQ();
  right_ = turn_.transpose() * gradient_;
}

Vector DampedSteps::times(const Vector& u) const {
  const Index m = u.size();
  Vector image = diagonal_.cwiseProduct(u);
  image.head(m - 1) += beside_.cwiseProduct(u.tail(m - 1));
  image.tail(m - 1) += beside_.cwiseProduct(u.head(m - 1));
  return image;
}

/// u, by elimination from above.
Vector DampedSteps::damped(double mu) const {
  const Index m = right_.size();
  Vector u = right_;
  Vector pivots = 1.0 + mu * diagonal_.array();
  for (Index i = 1; i < m; ++i) {
    const double factor = mu * beside_[i - 1] / pivots[i - 1];
    pivots[i] -= factor * mu * beside_[i - 1];
    u[i] -= factor * u[i - 1];
  }
  u[m - 1] /= pivots[m - 1];
  for (Index i = m - 2; i >= 0; --i) u[i] = (u[i] - mu * beside_[i] * u[i + 1]) / pivots[i];
  return u;
}

Vector DampedSteps::within(double radius) {
  if (radius >= 0.9999999 * newton_.norm() || newton_.size() < 2) return newton_;
  if (diagonal_.size() == 0) prepare();
  const auto is_long = [&](double mu) {
    const Vector u = damped(mu);
    return std::sqrt(std::max(u.dot(times(u)), 0.0)) > radius;
  };
  double low = 0.0;
  double high = 1e-12 / diagonal_.maxCoeff();
  while (is_long(high) && std::isfinite(high)) {
    low = high;
    high *= 4.0;
  }
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (is_long(middle) ? low : high) = middle;
  }
  return -model_.whitened_step(turn_ * times(damped(high)));
}

}  // namespace optex
