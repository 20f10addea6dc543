#include "optex/core/product_blocking.hpp"
#include "optex/surrogate/matrix_products.hpp"
#include "optex/surrogate/quadratic_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lifted_cholesky.hpp"

namespace optex {

DampedSteps::DampedSteps(const CompletedHessian& hessian, const Vector& gradient)
    : hessian_(hessian),
      gradient_(gradient),
      newton_(-hessian.solve(gradient)),
      newton_length_(std::sqrt(hessian.squared_length(newton_))) {}

void DampedSteps::prepare() {
  fix_product_blocking();
  prepared_ = true;
  const Matrix& images = hessian_.images();
  const Vector& curvatures = hessian_.curvatures();
  const Index reach = hessian_.basis().rows();
  inside_ = hessian_.basis().transpose() * gradient_.head(reach);
  const Vector beside = hessian_.beside(gradient_);
  square_beside_ = beside.squaredNorm();
  coupled_ = images.transpose() * beside;
  const Matrix inside = product(turned(hessian_.basis()), plain(images.topRows(reach)));
  Matrix images_beside = images;
  images_beside.topRows(reach) -= product(plain(hessian_.basis()), plain(inside));
  beside_ = symmetric_product(turned(images_beside), plain(images_beside));
  unscaled_ = hessian_.root() * curvatures.cwiseInverse().asDiagonal();
  own_ = symmetric_product(plain(hessian_.root()), turned(unscaled_));
  coupling_ = symmetric_product(plain(product(plain(unscaled_), plain(beside_))), turned(unscaled_));
}

/// p = -(B + mu I)^-1 g. With F = X C X' + X M X' / (gamma + mu), which is Q'B^-1 Q for mu = 0, elimination
/// of what stands beside the span of P leaves k equations: (I + mu F) Q'(g + mu p) = Q'g + mu X h / (gamma +
/// mu), (I + mu F) Q'p = -F Q'g + X h / (gamma + mu), h = Z'A g; beside it p is (Z X'Q'(g + mu p) - g) /
/// (gamma + mu). Then |p|_B^2 = -p'(g + mu p), of which no part cancels.
DampedSteps::Damped DampedSteps::damped(double mu) const {
  const double outside = hessian_.outside() + mu;
  Matrix system = own_ + coupling_ / outside;
  const Vector coupled = unscaled_ * coupled_ / outside;
  const Vector falling = coupled - system * inside_;
  system *= mu;
  system.diagonal().array() += 1.0;
  cholesky_in_place(system);
  const auto lower = system.triangularView<Eigen::Lower>();
  Matrix both(falling.size(), 2);
  both << falling, inside_ + mu * coupled;
  lower.solveInPlace(both);
  system.transpose().triangularView<Eigen::Upper>().solveInPlace(both);
  Damped found{both.col(0), both.col(1), 0.0};
  const Vector back = unscaled_.transpose() * found.pull;
  const double square = hessian_.outside() * square_beside_ + (mu - hessian_.outside()) * coupled_.dot(back) -
                        mu * back.dot(beside_ * back);
  found.squared_length = std::max(square / (outside * outside) - found.inside.dot(found.pull), 0.0);
  return found;
}

Vector DampedSteps::step_of(double mu, const Damped& damped) const {
  const Vector back = unscaled_.transpose() * damped.pull;
  Vector step = hessian_.beside(hessian_.images() * back - gradient_) / (hessian_.outside() + mu);
  step.head(hessian_.basis().rows()) += hessian_.basis() * damped.inside;
  return step;
}

/// The length falls with mu, and its logarithm smoothly with that of mu: secants, kept within what is known.
Vector DampedSteps::within(double radius) {
  constexpr double near_enough = 1e-10;
  if (radius >= 0.9999999 * newton_length_ || newton_.size() < 2) return newton_;
  if (!prepared_) prepare();
  struct Tried {
    double log_mu, excess;  // excess: logarithm of length / radius
  };
  const double full = std::log(newton_length_ / radius);
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  // At mu = 0 the length falls at the rate |p|^2 / |p|_B.
  double at = std::log(std::expm1(full)) + 2.0 * std::log(newton_length_) - std::log(newton_.squaredNorm());
  Tried before{0.0, std::numeric_limits<double>::quiet_NaN()};
  Damped found;
  for (int i = 0; i < 60; ++i) {
    found = damped(std::exp(at));
    const Tried here{at, 0.5 * std::log(found.squared_length) - std::log(radius)};
    if (!(std::abs(here.excess) > near_enough)) break;
    (here.excess > 0.0 ? low : high) = at;
    const double slope = (here.excess - before.excess) / (here.log_mu - before.log_mu);
    at += std::isfinite(slope) && slope < 0.0 ? -here.excess / slope : here.excess;
    if (!(at > low && at < high))
      at = std::isfinite(low + high) ? 0.5 * (low + high) : here.log_mu + here.excess;
    if (at == here.log_mu) break;
    before = here;
  }
  return step_of(std::exp(at), found);
}

}  // namespace optex
