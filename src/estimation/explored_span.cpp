#include "optex/estimation/explored_span.hpp"

#include "optex/core/reductions.hpp"

#include <cmath>

#include <Eigen/Eigenvalues>

namespace optex {
namespace {

/// Directions that hold less than this share of the largest are round-off in the Gram matrix.
constexpr double smallest_eigenvalue = 1e-11;

}  // namespace

ExploredSpan::ExploredSpan(const HistoryInUnits& history, ConstVectorRef b)
    : history_(history), b_(b), offset_(history.theta(history.size() - 1) - b), distances_(history.size()) {
  const Index n = history.size();
  Vector squared(n);
  history.squared_distances_to(b, squared);
  distances_ = squared.cwiseSqrt();
  inverse_distances_ = distances_.unaryExpr([](double r) { return r > 0.0 ? 1.0 / r : 0.0; });

  const Matrix pairwise = history.squared_distances();
  Matrix gram(n, n);  // of the unit vectors (theta_i - b) / |theta_i - b|
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i)
      gram(i, j) =
          0.5 * (squared[i] + squared[j] - pairwise(i, j)) * inverse_distances_[i] * inverse_distances_[j];
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(gram);
  const Vector& values = eigen.eigenvalues();  // ascending
  Index rank = 0;
  while (rank < n && values[n - 1 - rank] > smallest_eigenvalue * values[n - 1]) ++rank;
  basis_ = eigen.eigenvectors().rightCols(rank) * values.tail(rank).cwiseSqrt().cwiseInverse().asDiagonal();
}

Vector ExploredSpan::coefficients(ConstVectorRef products) const {
  const Vector scaled = products.cwiseProduct(inverse_distances_);
  return (basis_ * (basis_.transpose() * scaled)).cwiseProduct(inverse_distances_);
}

void ExploredSpan::remove_from(VectorRef v) const {
  const Index n = history_.size();
  Vector on_theta(n), unused(n);
  history_.products_about_newest(v, on_theta, unused);
  const Vector a = coefficients(on_theta + Vector::Constant(n, dot(v, offset_)));
  Vector projection(v.size());
  history_.combine_about_newest(a, Vector::Zero(n), projection);
  v -= projection + a.sum() * offset_;
}

}  // namespace optex
