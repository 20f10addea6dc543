#include "optex/surrogate/quadratic_model.hpp"

#include "optex/core/product_blocking.hpp"

#include <algorithm>
#include <cmath>

#include "pair_noise.hpp"
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

namespace optex {
namespace {

constexpr double damping = 0.1;           // Powell's
constexpr double precise_enough = 2.0;    // precision of a direction, in units of the prior's
constexpr double least_curvature = 1e-3;  // of a known direction, in units of the prior's
constexpr double shortest_step = 1e-300;

Matrix symmetric(const Matrix& a) { return 0.5 * (a + a.transpose()); }

/// Lower L with L L' = a, made positive definite by as little as it takes.
Matrix cholesky_factor(const Matrix& a) {
  const Index m = a.rows();
  if (m == 0) return a;
  const double mean = a.trace() / static_cast<double>(m);
  double lift = 0.0;
  for (int attempt = 0; attempt < 30; ++attempt) {
    const Eigen::LLT<Matrix> factor(a + lift * mean * Matrix::Identity(m, m));
    if (factor.info() == Eigen::Success) return factor.matrixL();
    lift = std::max(4.0 * lift, 1e-15);
  }
  return std::sqrt(std::max(mean, shortest_step)) * Matrix::Identity(m, m);
}

Matrix inverse_of_lower(const Matrix& lower) {
  return lower.triangularView<Eigen::Lower>().solve(Matrix::Identity(lower.rows(), lower.cols()));
}

/// x t of a triangular t, and t x: half of the work.
Matrix times_triangle(const Matrix& x, const Matrix& t, bool lower) {
  if (lower) return x * t.triangularView<Eigen::Lower>();
  return x * t.triangularView<Eigen::Upper>();
}
Matrix triangle_times(const Matrix& t, bool lower, const Matrix& x) {
  if (lower) return t.triangularView<Eigen::Lower>() * x;
  return t.triangularView<Eigen::Upper>() * x;
}

/// What is known of the Hessian, in whitened variables.
struct KnownHessian {
  Matrix basis;       // m x k: known directions
  Vector precisions;  // k
  Matrix inside;      // k x k: V'HV
  Matrix outside;     // m x k: the part of HV outside the basis
};

/// steps, changes: n x m whitened, each divided by its pair's noise.
KnownHessian posterior_of(const Matrix& steps, const Matrix& changes) {
  const Index n = steps.rows();
  const Index m = steps.cols();
  if (n == 0 || m == 0) return {Matrix(m, 0), Vector(), Matrix(), Matrix(m, 0)};
  const bool by_pairs = n < m;  // the smaller of two matrices with the same eigenvalues
  const Matrix products = by_pairs ? Matrix(steps * steps.transpose()) : Matrix(steps.transpose() * steps);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(symmetric(products));
  const Index known = (eigen.eigenvalues().array() > precise_enough).count();  // the last: ascending
  KnownHessian found;
  found.precisions = eigen.eigenvalues().tail(known);
  found.basis = eigen.eigenvectors().rightCols(known);
  if (by_pairs)
    found.basis =
        (steps.transpose() * found.basis) * found.precisions.cwiseSqrt().cwiseInverse().asDiagonal();
  const Matrix& v = found.basis;
  const Matrix forward = changes.transpose() * (steps * v);
  const Matrix backward = steps.transpose() * (changes * v);
  const Matrix inside = v.transpose() * forward;
  // Directions of little precision count as unknown where they meet known ones.
  found.outside = 0.5 * (forward + backward - v * (inside + v.transpose() * backward));
  for (Index k = 0; k < known; ++k) found.outside.col(k) /= 1.0 + 0.5 * found.precisions[k];
  found.inside = Matrix::Identity(known, known) + symmetric(inside);
  for (Index k = 0; k < known; ++k)
    found.inside.col(k).array() /= 1.0 + 0.5 * (found.precisions.array() + found.precisions[k]);
  return found;
}

}  // namespace

/// Damped BFGS from gamma I, oldest of the newest pairs first.
Matrix QuadraticModel::metric(const PairsInSpan& pairs, Index newest) const {
  const Index n = pairs.steps.rows();
  const Index m = pairs.steps.cols();
  Matrix metric = outside_ * Matrix::Identity(m, m);
  for (Index i = std::max<Index>(0, n - newest); i < n; ++i) {
    const Vector step = pairs.steps.row(i);
    Vector change = pairs.changes.row(i);
    const Vector image = metric * step;
    const double curvature = step.dot(image);
    if (!(curvature > 0.0)) continue;
    double product = step.dot(change);
    if (product < damping * curvature) {
      const double share = (1.0 - damping) * curvature / (curvature - product);
      change = share * change + (1.0 - share) * image;
      product = step.dot(change);
    }
    metric.noalias() += (change / product) * change.transpose() - (image / curvature) * image.transpose();
  }
  return symmetric(metric);
}

/// The lower triangle of B^-1 by block BFGS: the known directions with their images, completed by gamma I.
Matrix QuadraticModel::completed() const {
  const Index m = known_.rows();
  const Matrix scaled = known_ * curvatures_.cwiseInverse().asDiagonal();
  const Matrix rest = Matrix::Identity(m, m) - scaled * images_.transpose();
  Matrix inverse = Matrix::Zero(m, m);
  inverse.selfadjointView<Eigen::Lower>().rankUpdate(rest, 1.0 / outside_);
  inverse.selfadjointView<Eigen::Lower>().rankUpdate(known_ *
                                                     curvatures_.cwiseSqrt().cwiseInverse().asDiagonal());
  return inverse;
}

QuadraticModel::QuadraticModel(const PairsInSpan& pairs, OutsideCurvature outside, const ModelRules& rules,
                               const std::optional<Residual>& residual)
    : outside_(outside.value) {
  fix_product_blocking();
  const Index m = pairs.steps.cols();
  // W = T T': whitened steps T's, changes T^-1 y.
  Matrix to_white = cholesky_factor(metric(pairs, rules.metric_pairs));
  Matrix from_white = inverse_of_lower(to_white);
  for (const bool first : {true, false}) {
    // Both are lower triangles at first, upper ones then.
    Matrix steps = times_triangle(pairs.steps, to_white, first);
    Matrix changes = times_triangle(pairs.changes, from_white.transpose(), !first);
    const Vector lengths = steps.rowwise().norm().array() + shortest_step;
    steps = lengths.cwiseInverse().asDiagonal() * steps;
    changes = lengths.cwiseInverse().asDiagonal() * changes;
    noise_ = noise_of_pairs(steps, changes,
                            times_triangle(pairs.middles, to_white, first).rowwise().squaredNorm(), rules);
    const Vector trust = noise_.squared.cwiseSqrt().cwiseInverse();
    const KnownHessian posterior = posterior_of(trust.asDiagonal() * steps, trust.asDiagonal() * changes);
    const Index known = posterior.precisions.size();
    known_.resize(m, 0);
    root_ = from_white.transpose();
    unroot_ = to_white.transpose();
    if (known == 0) return;

    const Eigen::SelfAdjointEigenSolver<Matrix> inner(symmetric(posterior.inside));
    const Matrix& turn = inner.eigenvectors();
    const Vector variances =
        turn.cwiseAbs2().transpose() * (1.0 + posterior.precisions.array()).inverse().matrix();
    curvatures_ = inner.eigenvalues().cwiseAbs().cwiseMax(variances.cwiseSqrt()).cwiseMax(least_curvature);
    const Matrix white_known = posterior.basis * turn;
    known_ = triangle_times(from_white.transpose(), !first, white_known);
    images_ =
        triangle_times(to_white, first, white_known * curvatures_.asDiagonal() + posterior.outside * turn);
    if (first && residual) {
      const Vector white = to_white.transpose() * residual->direction;
      const Vector inside = posterior.basis.transpose() * white;
      const Vector rest = white - posterior.basis * inside;
      const double curvature = inside.dot(posterior.inside * inside) +
                               2.0 * rest.dot(posterior.outside * inside) + rest.squaredNorm();
      if (curvature > 0.0) {
        const double found = std::clamp(curvature / residual->squared_norm, outside.least, outside.most);
        outside_ = std::clamp(found, outside_ / rules.outside_growth, outside_ * rules.outside_growth);
      }
    }
    root_ = cholesky_factor(completed());
    unroot_ = inverse_of_lower(root_);
    from_white = root_.transpose();
    to_white = unroot_.transpose();
  }
}

Vector QuadraticModel::whitened_gradient(const Vector& gradient) const {
  return root_.transpose() * gradient;
}

Vector QuadraticModel::step_of(const Vector& whitened) const { return root_ * whitened; }

Vector QuadraticModel::whitened_step(const Vector& step) const { return unroot_ * step; }

Matrix QuadraticModel::inverse_hessian() const { return root_ * root_.transpose(); }

Residual QuadraticModel::residual(const Vector& gradient) const {
  const Vector rest = gradient - images_ * (known_.transpose() * gradient).cwiseQuotient(curvatures_);
  return {rest - known_ * (images_.transpose() * rest).cwiseQuotient(curvatures_), rest.squaredNorm()};
}

}  // namespace optex
