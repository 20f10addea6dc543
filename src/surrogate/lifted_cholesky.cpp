#include "lifted_cholesky.hpp"

#include "optex/surrogate/matrix_products.hpp"

#include <algorithm>
#include <cmath>

namespace optex {
namespace {

constexpr Index at_once = 48;  // columns, or rows, between two products

/// Column by column.
bool small_cholesky_in_place(Matrix& a) {
  const Index n = a.rows();
  for (Index j = 0; j < n; ++j) {
    if (!(a(j, j) > 0.0) || !std::isfinite(a(j, j))) return false;
    a.col(j).tail(n - j) /= std::sqrt(a(j, j));
    for (Index k = j + 1; k < n; ++k) a.col(k).tail(n - k) -= a(k, j) * a.col(j).tail(n - k);
  }
  return true;
}

}  // namespace

bool cholesky_in_place(Matrix& a) {
  const Index n = a.rows();
  for (Index first = 0; first < n; first += at_once) {
    const Index count = std::min(at_once, n - first);
    const Index rest = n - first - count;
    Matrix corner = a.block(first, first, count, count);
    if (!small_cholesky_in_place(corner)) return false;
    a.block(first, first, count, count) = corner;
    if (rest == 0) break;
    auto below = a.block(first + count, first, rest, count);
    below = product(plain(below), plain(inverse_of_upper(corner.transpose())));
    a.bottomRightCorner(rest, rest) -= symmetric_product(plain(below), turned(below));
  }
  return true;
}

Matrix lifted_cholesky(const Matrix& a) {
  constexpr double least = 1e-300;
  const Index m = a.rows();
  if (m == 0) return a;
  const double mean = a.trace() / static_cast<double>(m);
  double lift = 0.0;
  for (int attempt = 0; attempt < 30; ++attempt) {
    Matrix lower = a;
    if (lift > 0.0) lower.diagonal().array() += lift * mean;
    if (cholesky_in_place(lower)) return lower.triangularView<Eigen::Lower>();
    lift = std::max(4.0 * lift, 1e-15);
  }
  return std::sqrt(std::max(mean, least)) * Matrix::Identity(m, m);
}

/// Row by row from below, some at a time.
Matrix inverse_of_upper(const Matrix& upper) {
  const Index n = upper.rows();
  Matrix inverse = Matrix::Identity(n, n);
  for (Index end = n; end > 0;) {
    const Index first = (end - 1) / at_once * at_once;
    const Index count = end - first;
    auto rows = inverse.middleRows(first, count);
    rows.rightCols(n - end) = -product(plain(upper.block(first, end, count, n - end)),
                                       plain(inverse.bottomRightCorner(n - end, n - end)));
    for (Index j = first; j < n; ++j)
      for (Index i = count - 1; i >= 0; --i) {
        rows(i, j) /= upper(first + i, first + i);
        rows.col(j).head(i) -= rows(i, j) * upper.col(first + i).segment(first, i);
      }
    end = first;
  }
  return inverse;
}

}  // namespace optex
