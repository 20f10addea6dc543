#include "optex/surrogate/row_span.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/surrogate/matrix_products.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace optex {
namespace {

constexpr Index at_once = 48;  // columns that are taken off, rows that are eliminated, at once

/// Takes columns of the factor off the products of the open rows, and pivots out of those.
void take_off(const Eigen::Ref<const Matrix>& columns, const Vector& rest, std::vector<Index>& open,
              Matrix& left) {
  std::vector<Index> rows, places;
  for (std::size_t k = 0; k < open.size(); ++k)
    if (rest[open[k]] > -0.5) {  // a pivot has -1, others 0 but for rounding
      rows.push_back(open[k]);
      places.push_back(static_cast<Index>(k));
    }
  const auto count = static_cast<Index>(rows.size());
  Matrix made(count, columns.cols());
  for (Index k = 0; k < count; ++k) made.row(k) = columns.row(rows[static_cast<std::size_t>(k)]);
  Matrix next = -symmetric_product(plain(made), turned(made));
  for (Index j = 0; j < count; ++j)
    for (Index i = 0; i < count; ++i)
      next(i, j) += left(places[static_cast<std::size_t>(i)], places[static_cast<std::size_t>(j)]);
  left = std::move(next);
  open = std::move(rows);
}

}  // namespace

/// A column is made when its pivot is found, from what is left of the products of the rows that are open,
/// those that were no pivots, when some of the columns before have been taken off, all at once.
RowSpan::RowSpan(const Matrix& products, Index most, Index first)
    : lengths_(products.diagonal().cwiseMax(0.0).cwiseSqrt()) {
  constexpr double round_off = 1e-14;  // of a squared length
  fix_product_blocking();
  const Index n = products.rows();
  const Vector inverse = (lengths_.array() > 0.0).select(lengths_.cwiseInverse(), 0.0);
  Matrix factor = Matrix::Zero(n, std::min(n, most));
  Vector rest = (lengths_.array() > 0.0).select(Vector::Ones(n), 0.0);
  std::vector<Index> open(static_cast<std::size_t>(n));  // rows,
  std::iota(open.begin(), open.end(), Index{0});
  std::vector<Index> places = open;                                      // their places in
  Matrix left = inverse.asDiagonal() * products * inverse.asDiagonal();  // less the first `off` columns
  Index off = 0;
  Index m = 0;
  for (; m < factor.cols(); ++m) {
    if (m - off == at_once) {
      take_off(factor.middleCols(off, at_once), rest, open, left);
      off = m;
      for (std::size_t k = 0; k < open.size(); ++k)
        places[static_cast<std::size_t>(open[k])] = static_cast<Index>(k);
    }
    Index pivot = 0;
    if (first_rank_ < 0 && (first == 0 || !(rest.head(first).maxCoeff(&pivot) > round_off))) first_rank_ = m;
    if (first_rank_ >= 0 && !(rest.maxCoeff(&pivot) > round_off)) break;
    Vector column = Vector::Zero(n);
    const auto found = left.col(places[static_cast<std::size_t>(pivot)]);
    for (std::size_t k = 0; k < open.size(); ++k) column[open[k]] = found[static_cast<Index>(k)];
    column.noalias() -= factor.middleCols(off, m - off) * factor.row(pivot).segment(off, m - off).transpose();
    column /= std::sqrt(rest[pivot]);
    for (const Index done : pivots_) column[done] = 0.0;
    factor.col(m) = column;
    rest -= column.cwiseAbs2();
    rest[pivot] = -1.0;
    pivots_.push_back(pivot);
  }
  if (first_rank_ < 0) first_rank_ = m;
  factor_ = factor(pivots_, Eigen::seqN(0, m));
  coordinates_ = lengths_.asDiagonal() * factor.leftCols(m);
}

/// Elimination from above, some rows at a time.
Matrix RowSpan::project(const Matrix& products, Index dimensions) const {
  fix_product_blocking();
  Matrix coordinates(dimensions, products.cols());
  for (Index k = 0; k < dimensions; ++k) {
    const Index pivot = pivots_[static_cast<std::size_t>(k)];
    coordinates.row(k) = products.row(pivot) / lengths_[pivot];
  }
  for (Index first = 0; first < dimensions; first += at_once) {
    const Index count = std::min(at_once, dimensions - first);
    auto part = coordinates.middleRows(first, count);
    if (first > 0)
      part -= product(plain(factor_.block(first, 0, count, first)), plain(coordinates.topRows(first)));
    factor_.block(first, first, count, count).triangularView<Eigen::Lower>().solveInPlace(part);
  }
  return coordinates;
}

Matrix RowSpan::weights(const Matrix& coordinates) const {
  if (rank() == 0 || coordinates.cols() == 0) return Matrix::Zero(lengths_.size(), coordinates.cols());
  const Matrix at_pivots = factor_.transpose().triangularView<Eigen::Upper>().solve(coordinates);
  Matrix weights = Matrix::Zero(lengths_.size(), coordinates.cols());
  for (Index k = 0; k < rank(); ++k) {
    const Index pivot = pivots_[static_cast<std::size_t>(k)];
    weights.row(pivot) = at_pivots.row(k) / lengths_[pivot];
  }
  return weights;
}

}  // namespace optex
