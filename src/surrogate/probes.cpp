#include "probes.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Eigenvalues>

namespace optex {
namespace {

constexpr double probe_share = 0.3;      // of the radius: length of a probe
constexpr double least_addition = 1e-6;  // of all newest changes: what a direction must add to the span
constexpr double tiny = 1e-300;

/// Weights of the steps and of the centre among all rows.
Matrix weights_of_explored(Index rows, Index pairs, const Vector& centre) {
  Matrix weights = Matrix::Zero(rows, pairs + 1);
  weights.topLeftCorner(pairs, pairs).setIdentity();
  weights.col(pairs) = centre;
  return weights;
}

/// Of the steps and of the centre: n + 1 of each. products: r x r.
Matrix products_of_explored(const Matrix& products, Index pairs, const Vector& centre) {
  const Vector with_centre = products * centre;
  Matrix explored(pairs + 1, pairs + 1);
  explored.topLeftCorner(pairs, pairs) = products.topLeftCorner(pairs, pairs);
  explored.col(pairs).head(pairs) = with_centre.head(pairs);
  explored.row(pairs).head(pairs) = with_centre.head(pairs).transpose();
  explored(pairs, pairs) = centre.dot(with_centre);
  return explored;
}

}  // namespace

Probes::Probes(const ScaledRows& rows, const RowSpan& span, const QuadraticModel& model, const Vector& centre,
               double radius, double least_length)
    : rows_(rows),
      span_(span),
      model_(model),
      centre_(centre),
      radius_(radius),
      least_length_(least_length),
      all_explored_(rows.pairs() + 1 >= whole_length(rows.length())),
      to_explored_(weights_of_explored(rows.count(), rows.pairs(), centre)),
      explored_(all_explored_ ? Matrix(0, 0) : products_of_explored(rows.products(), rows.pairs(), centre),
                whole_length(rows.length())),
      directions_(rows.count(), 0) {}

/// With the sign that leads downhill.
double Probes::length(const Vector& in_span, double slope) const {
  const double outside = model_.hessian().outside() * std::max(1.0 - in_span.squaredNorm(), 0.0);
  const double unit = std::sqrt(std::max(model_.hessian().squared_length(in_span) + outside, tiny));
  const double length = std::max(probe_share * radius_ / unit, least_length_);
  return slope < 0.0 ? length : -length;
}

Matrix Probes::from_changes(Index newcomers, Index most) {
  if (all_explored_ || newcomers == 0) return Matrix(rows_.count(), 0);
  const Index n = rows_.pairs();
  const Matrix& products = rows_.products();
  Matrix changes = Matrix::Zero(rows_.count(), newcomers);  // weights of the newest at length |y| / |s|
  for (Index k = 0; k < newcomers; ++k) {
    const Index pair = n - newcomers + k;
    changes(n + pair, k) = 1.0 / (std::sqrt(std::max(products(pair, pair), 0.0)) + tiny);
  }
  const Matrix with_changes = products * changes;
  const Matrix in_explored = explored_.project(to_explored_.transpose() * with_changes);  // m x k
  const Matrix all = changes.transpose() * with_changes;
  const Matrix added = all - in_explored.transpose() * in_explored;
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(0.5 * (added + added.transpose()));
  const double least = least_addition * std::sqrt(std::max(all.trace(), 0.0));
  Index count = 0;
  while (count < std::min(most, newcomers) && eigen.eigenvalues()[newcomers - 1 - count] > least * least)
    ++count;
  const Matrix turn = eigen.eigenvectors().rightCols(count).rowwise().reverse();
  const Vector lengths = eigen.eigenvalues().tail(count).reverse().cwiseSqrt();
  directions_ = (changes * turn - to_explored_ * explored_.weights(in_explored * turn)) *
                lengths.cwiseInverse().asDiagonal();
  Matrix probes(rows_.count(), count);
  const Matrix in_span = span_.coordinates().transpose() * directions_;
  for (Index k = 0; k < count; ++k) {
    const double slope = products.row(rows_.gradient()).dot(directions_.col(k));
    probes.col(k) = centre_ + length(in_span.col(k), slope) * directions_.col(k);
  }
  return probes;
}

void Probes::remove_explored(Vector& direction, const RowSet& explored) const {
  const Matrix products = row_products(explored, rows_at({direction.data()}), rows_.length());
  const Matrix weights = explored_.weights(explored_.project(products));
  direction -= row_combinations(explored, weights, rows_.length()).col(0);
}

Matrix Probes::from_random_signs(const SampleKey& key, Index count) const {
  const Index d = rows_.length();
  const RowSet all = rows_.rows();
  const Matrix ours = row_combinations(all, directions_, d);
  const Vector centre = row_combinations(all, centre_, d).col(0);
  const Vector gradient = row_combinations(all, Vector::Unit(rows_.count(), rows_.gradient()), d).col(0);
  const RowSet explored = joined({rows_.steps(), rows_at({centre.data()})});
  Matrix found(d, directions_.cols() + count);
  found.leftCols(directions_.cols()) = ours;
  Matrix probes(d, count);
  for (Index k = 0; k < count; ++k) {
    const Index place = directions_.cols() + k;
    Vector v = gradient.cwiseProduct(random_signs(key, place, d));
    for (int pass = 0; pass < 2 && !all_explored_; ++pass) {
      remove_explored(v, explored);
      for (Index other = 0; other < place; ++other) v -= dot(v, found.col(other)) * found.col(other);
    }
    v /= norm(v) + tiny;
    found.col(place) = v;
    const Vector in_span = span_.project(row_products(all, rows_at({v.data()}), d)).col(0);
    probes.col(k) = length(in_span, dot(v, gradient)) * v;
  }
  return probes;
}

}  // namespace optex
