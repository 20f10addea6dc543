#include "optex/methods/compact_hessian.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/row_products.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/LU>

namespace optex {
namespace {

constexpr Index block = 512;         // coordinates that are side by side in the caches
constexpr Index piece = 64 * block;  // coordinates that one thread takes at a time

/// Age of the pair in place i of n, oldest first.
Index age_of(Index i, Index n) { return n - 1 - i; }

}  // namespace

std::optional<CompactHessian> CompactHessian::of(const SecantPairs& pairs, const Vector& b) {
  CompactHessian hessian(pairs, b);
  const Index n = pairs.size();
  if (n == 0) return hessian;
  std::vector<Index> all(static_cast<std::size_t>(pairs.steps.rows()));
  std::iota(all.begin(), all.end(), Index{0});
  Matrix products = hessian.products_over(all);
  hessian.weights_.resize(n);
  for (Index i = 0; i < n; ++i) hessian.weights_[i] = 1.0 / std::sqrt(products(n + i, i));
  products = hessian.normalized(products);
  hessian.lower_ = products.bottomLeftCorner(n, n).triangularView<Eigen::StrictlyLower>();
  const Matrix inner = products.bottomRightCorner(n, n) + Matrix(hessian.lower_ * hessian.lower_.transpose());
  if (!inner.allFinite()) return std::nullopt;
  const Eigen::LLT<Matrix> cholesky(inner);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  hessian.factor_ = cholesky.matrixL();
  return hessian;
}

/// [D^-1/2 Y, D^1/2 S]'[D^-1/2 Y, D^1/2 S], 2n x 2n, of the pairs as they are, summed over some coordinates.
Matrix CompactHessian::products_over(const std::vector<Index>& coordinates) const {
  const Index n = pairs_->size();
  const Index filled = filled_up(2 * n, row_group);
  const auto size = static_cast<Index>(coordinates.size());
  Matrix sums = Matrix::Zero(filled, filled);
  parallel_sum((size + piece - 1) / piece, filled * filled,
               [&](Index part, double* out) {
                 std::fill(out, out + filled * filled, 0.0);
                 std::vector<double> rows(static_cast<std::size_t>(filled * block), 0.0);
                 std::vector<double> root(block);  // of b
                 const Index end = std::min(size, (part + 1) * piece);
                 for (Index first = part * piece; first < end; first += block) {
                   const Index count = std::min(block, end - first);
                   const Index numbers = filled_up(count, row_lanes);
                   const Index* const taken = coordinates.data() + first;
                   for (Index i = 0; i < count; ++i)
                     root[static_cast<std::size_t>(i)] = std::sqrt((*diagonal_)[taken[i]]);
                   for (Index row = 0; row < 2 * n; ++row) {
                     const Index slot = pairs_->slot(age_of(row % n, n));
                     const double* const from = (row < n ? pairs_->changes : pairs_->steps).col(slot).data();
                     double* const to = rows.data() + row * block;
                     for (Index i = 0; i < count; ++i) {
                       const double unit = root[static_cast<std::size_t>(i)];
                       to[i] = row < n ? from[taken[i]] / unit : from[taken[i]] * unit;
                     }
                     std::fill(to + count, to + numbers, 0.0);
                   }
                   add_row_products(rows.data(), block, filled, numbers, out);
                 }
               },
               sums.data());
  // Column by column what was written row by row: its lower triangle is the upper one here.
  const Matrix all = sums.selfadjointView<Eigen::Upper>();
  return all.topLeftCorner(2 * n, 2 * n);
}

Matrix CompactHessian::normalized(const Matrix& products) const {
  Vector both(2 * weights_.size());
  both << weights_, weights_;
  return both.asDiagonal() * products * both.asDiagonal();
}

Vector CompactHessian::row(Index coordinate) const {
  const Index n = pairs_->size();
  Vector row(2 * n);
  for (Index i = 0; i < n; ++i) {
    const Index slot = pairs_->slot(age_of(i, n));
    row[i] = weights_[i] * pairs_->changes(coordinate, slot);
    row[n + i] = weights_[i] * (*diagonal_)[coordinate] * pairs_->steps(coordinate, slot);
  }
  return row;
}

Vector CompactHessian::transposed_times(ConstVectorRef v) const {
  const Index n = pairs_->size();
  Vector products(2 * n);
  const Vector scaled = diagonal_->cwiseProduct(v);
  for (Index i = 0; i < n; ++i) {
    products[i] = weights_[i] * dot(pairs_->change(age_of(i, n)), v);
    products[n + i] = weights_[i] * dot(pairs_->step(age_of(i, n)), scaled);
  }
  return products;
}

/// M^-1 = [-I, L'; L, S'D S] = [I, 0; -L, J] [-I, L'; 0, J'] with J J' = S'D S + L L'.
Vector CompactHessian::middle_times(ConstVectorRef v) const {
  const Index n = pairs_->size();
  Vector product(2 * n);
  if (n == 0) return product;
  Vector last = v.tail(n) + lower_ * v.head(n);
  factor_.triangularView<Eigen::Lower>().solveInPlace(last);
  factor_.transpose().triangularView<Eigen::Upper>().solveInPlace(last);
  product.tail(n) = last;
  product.head(n) = lower_.transpose() * last - v.head(n);
  return product;
}

/// B_FF^-1 = D_F^-1 + D_F^-1 W_F (M^-1 - W_F'D_F^-1 W_F)^-1 W_F'D_F^-1, by the formula of Sherman, Morrison
/// and Woodbury. The matrix in the middle is made of sums over F and over the others, A, instead of
/// differences of sums: [-I - Y_F'D_F^-1 Y_F, .; s_A'y_A below the diagonal and -s_F'y_F elsewhere, S_A'D_A
/// S_A].
std::optional<Vector> CompactHessian::solve_within(const std::vector<Index>& free, ConstVectorRef r) const {
  const Index n = pairs_->size();
  const Vector diagonal = (*diagonal_)(free);
  Vector solution = r.cwiseQuotient(diagonal);
  if (n == 0) return solution;
  std::vector<Index> others;
  std::size_t next = 0;
  for (Index i = 0; i < pairs_->steps.rows(); ++i) {
    if (next < free.size() && free[next] == i)
      ++next;
    else
      others.push_back(i);
  }
  const Matrix within = normalized(products_over(free));
  const Matrix without = normalized(products_over(others));
  Matrix middle(2 * n, 2 * n);
  middle.topLeftCorner(n, n) = -Matrix::Identity(n, n) - within.topLeftCorner(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) middle(n + i, j) = i > j ? without(n + i, j) : -within(n + i, j);
  middle.topRightCorner(n, n) = middle.bottomLeftCorner(n, n).transpose();
  middle.bottomRightCorner(n, n) = without.bottomRightCorner(n, n);
  if (!middle.allFinite()) return std::nullopt;

  Vector spread = Vector::Zero(pairs_->steps.rows());
  for (std::size_t k = 0; k < free.size(); ++k) spread[free[k]] = solution[static_cast<Index>(k)];
  Vector weights = middle.partialPivLu().solve(transposed_times(spread));
  spread.setZero();
  for (Index i = 0; i < n; ++i) {
    spread += weights_[i] * weights[i] * pairs_->change(age_of(i, n));
    spread += weights_[i] * weights[n + i] * diagonal_->cwiseProduct(pairs_->step(age_of(i, n)));
  }
  solution += Vector(spread(free)).cwiseQuotient(diagonal);
  if (!all_finite(solution)) return std::nullopt;
  return solution;
}

}  // namespace optex
