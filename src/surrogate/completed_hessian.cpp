#include "optex/surrogate/matrix_products.hpp"
#include "optex/surrogate/quadratic_model.hpp"

#include <algorithm>
#include <utility>

#include "lifted_cholesky.hpp"

namespace optex {

CompletedHessian::CompletedHessian(Matrix directions, Matrix images, Vector curvatures, double outside)
    : outside_(outside),
      directions_(std::move(directions)),
      images_(std::move(images)),
      curvatures_(std::move(curvatures)) {
  root_ = lifted_cholesky(symmetric_product(turned(directions_), plain(directions_))).transpose();
  const Matrix unroot = inverse_of_upper(root_);
  basis_ = product(plain(directions_), plain(unroot));
}

/// Twice: the basis is orthonormal but for what the Cholesky factor of its products has lost.
Vector CompletedHessian::beside(const Vector& vector) const {
  const Vector once = vector - basis_ * (basis_.transpose() * vector);
  return once - basis_ * (basis_.transpose() * once);
}

Vector CompletedHessian::solve(const Vector& gradient) const {
  const Vector known = (directions_.transpose() * gradient).cwiseQuotient(curvatures_);
  const Vector rest = (gradient - images_ * known) / outside_;
  return rest + directions_ * (known - (images_.transpose() * rest).cwiseQuotient(curvatures_));
}

double CompletedHessian::squared_length(const Vector& step) const {
  const Vector image = images_.transpose() * step;
  return outside_ * beside(step).squaredNorm() + image.cwiseAbs2().cwiseQuotient(curvatures_).sum();
}

}  // namespace optex
