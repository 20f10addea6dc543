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
  agree();
}

/// P'Z = C, without which the form B and its inverse are those of two matrices, steps of any length included:
/// where pairs contradict each other far beyond their noise, rounding can lose it. Then Q'Z = R^-T C.
void CompletedHessian::agree() {
  constexpr double near_enough = 1e-6;  // of C
  if (curvatures_.size() == 0) return;
  auto reached = images_.topRows(directions_.rows());
  const Vector roots = curvatures_.cwiseSqrt();
  const Vector sums = (directions_.transpose() * (reached * roots.cwiseInverse())).cwiseQuotient(roots);
  if ((sums.array() - 1.0).abs().maxCoeff() < near_enough) return;
  const Matrix inside = inverse_of_upper(root_).transpose() * curvatures_.asDiagonal();
  reached += product(plain(basis_), plain(Matrix(inside - product(turned(basis_), plain(Matrix(reached))))));
}

/// Twice: the basis is orthonormal but for what the Cholesky factor of its products has lost.
Vector CompletedHessian::beside(const Vector& vector) const {
  Vector left = vector;
  auto reached = left.head(basis_.rows());
  for (int pass = 0; pass < 2; ++pass) reached -= basis_ * (basis_.transpose() * reached);
  return left;
}

Vector CompletedHessian::solve(const Vector& gradient) const {
  const Index reach = directions_.rows();
  const Vector known = (directions_.transpose() * gradient.head(reach)).cwiseQuotient(curvatures_);
  Vector step = (gradient - images_ * known) / outside_;
  step.head(reach) += directions_ * (known - (images_.transpose() * step).cwiseQuotient(curvatures_));
  return step;
}

double CompletedHessian::squared_length(const Vector& step) const {
  const Vector image = images_.transpose() * step;
  return outside_ * beside(step).squaredNorm() + image.cwiseAbs2().cwiseQuotient(curvatures_).sum();
}

}  // namespace optex
