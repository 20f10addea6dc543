#include "optex/surrogate/pair_memory.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Eigenvalues>

namespace optex {

RitzPairs ritz_pairs(const Matrix& step_step, const Matrix& step_change, Index most) {
  constexpr double smallest = 1e-10;  // share of the largest eigenvalue of the normalised steps' products
  const Index n = step_step.rows();
  const Vector lengths = step_step.diagonal().cwiseMax(0.0).cwiseSqrt();
  const Vector inverse = (lengths.array() > 0.0).select(lengths.cwiseInverse(), 0.0);
  const auto normalised = [&](const Matrix& table) {
    return Matrix(inverse.asDiagonal() * table * inverse.asDiagonal());
  };
  const Eigen::SelfAdjointEigenSolver<Matrix> of_steps(normalised(step_step));
  const Vector& values = of_steps.eigenvalues();
  Index dropped = 0;
  while (dropped < n && !(values[dropped] > smallest * values[n - 1])) ++dropped;
  const Matrix orthonormal = of_steps.eigenvectors().rightCols(n - dropped) *
                             values.tail(n - dropped).cwiseSqrt().cwiseInverse().asDiagonal();
  const Matrix hessian = orthonormal.transpose() * normalised(step_change) * orthonormal;
  const Eigen::SelfAdjointEigenSolver<Matrix> ritz(0.5 * (hessian + hessian.transpose()));
  std::vector<Index> order(static_cast<std::size_t>(n - dropped));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) {
    return std::abs(ritz.eigenvalues()[i]) > std::abs(ritz.eigenvalues()[j]);
  });
  if (std::ssize(order) > most) order.erase(order.begin() + (most - most / 4), order.end() - most / 4);
  std::sort(order.begin(), order.end(), std::greater<>());
  const Matrix weights = orthonormal * ritz.eigenvectors()(Eigen::all, order);
  Matrix shares = weights.cwiseAbs2();
  for (Index k = 0; k < shares.cols(); ++k) shares.col(k) /= shares.col(k).sum();
  return {inverse.asDiagonal() * weights, shares};
}

}  // namespace optex
