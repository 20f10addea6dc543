#include "lifted_cholesky.hpp"

#include "optex/core/product_blocking.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

namespace optex {

Matrix lifted_cholesky(const Matrix& a) {
  fix_product_blocking();
  constexpr double least = 1e-300;
  const Index m = a.rows();
  if (m == 0) return a;
  const double mean = a.trace() / static_cast<double>(m);
  double lift = 0.0;
  for (int attempt = 0; attempt < 30; ++attempt) {
    const Eigen::LLT<Matrix> factor(lift > 0.0 ? Matrix(a + lift * mean * Matrix::Identity(m, m)) : a);
    if (factor.info() == Eigen::Success) return factor.matrixL();
    lift = std::max(4.0 * lift, 1e-15);
  }
  return std::sqrt(std::max(mean, least)) * Matrix::Identity(m, m);
}

Matrix inverse_of_upper(const Matrix& upper) {
  fix_product_blocking();
  return upper.triangularView<Eigen::Upper>().solve(Matrix::Identity(upper.rows(), upper.cols()));
}

}  // namespace optex
