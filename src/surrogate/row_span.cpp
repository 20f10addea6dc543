#include "optex/surrogate/row_span.hpp"

#include <algorithm>
#include <cmath>

namespace optex {

RowSpan::RowSpan(const Matrix& products, Index most)
    : lengths_(products.diagonal().cwiseMax(0.0).cwiseSqrt()) {
  constexpr double round_off = 1e-14;  // of a squared length
  const Index n = products.rows();
  const Vector inverse = (lengths_.array() > 0.0).select(lengths_.cwiseInverse(), 0.0);
  Matrix factor = Matrix::Zero(n, std::min(n, most));
  Vector rest = (lengths_.array() > 0.0).select(Vector::Ones(n), 0.0);
  Index m = 0;
  for (; m < factor.cols(); ++m) {
    Index pivot = 0;
    if (!(rest.maxCoeff(&pivot) > round_off)) break;
    Vector column = inverse[pivot] * inverse.cwiseProduct(products.col(pivot));
    column.noalias() -= factor.leftCols(m) * factor.row(pivot).head(m).transpose();
    column /= std::sqrt(rest[pivot]);
    for (const Index done : pivots_) column[done] = 0.0;
    factor.col(m) = column;
    rest -= column.cwiseAbs2();
    rest[pivot] = -1.0;
    pivots_.push_back(pivot);
  }
  factor_ = factor(pivots_, Eigen::seqN(0, m));
  coordinates_ = lengths_.asDiagonal() * factor.leftCols(m);
}

Matrix RowSpan::project(const Matrix& products) const {
  Matrix at_pivots(rank(), products.cols());
  for (Index k = 0; k < rank(); ++k) {
    const Index pivot = pivots_[static_cast<std::size_t>(k)];
    at_pivots.row(k) = products.row(pivot) / lengths_[pivot];
  }
  return factor_.triangularView<Eigen::Lower>().solve(at_pivots);
}

Matrix RowSpan::weights(const Matrix& coordinates) const {
  const Matrix at_pivots = factor_.transpose().triangularView<Eigen::Upper>().solve(coordinates);
  Matrix weights = Matrix::Zero(lengths_.size(), coordinates.cols());
  for (Index k = 0; k < rank(); ++k) {
    const Index pivot = pivots_[static_cast<std::size_t>(k)];
    weights.row(pivot) = at_pivots.row(k) / lengths_[pivot];
  }
  return weights;
}

}  // namespace optex
