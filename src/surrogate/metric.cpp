#include "metric.hpp"

#include "optex/surrogate/matrix_products.hpp"

#include <algorithm>
#include <cmath>

namespace optex {

Matrix Metric::dense(Index size) const {
  const auto first = span.topRows(size);
  Matrix all = symmetric_product(plain(first), turned(Matrix(first * weights.asDiagonal())));
  all.diagonal().array() += outside;
  if (basis.cols() > 0) all -= outside * symmetric_product(plain(basis), turned(basis));
  return all;
}

/// Each pair takes the image of its step out and puts its change in.
Metric metric_of_newest(const PairsInSpan& pairs, double outside, Index newest) {
  constexpr double damping = 0.1;  // Powell's
  const Index n = pairs.steps.rows();
  const Index first = std::max<Index>(0, n - newest);
  Metric metric{outside, Matrix(pairs.steps.cols(), 0), Matrix(pairs.changes.cols(), 2 * (n - first)),
                Vector(2 * (n - first))};
  Index count = 0;
  for (Index i = first; i < n; ++i) {
    Vector step = Vector::Zero(pairs.changes.cols());
    step.head(pairs.steps.cols()) = pairs.steps.row(i);
    Vector change = pairs.changes.row(i);
    const auto span = metric.span.leftCols(count);
    const Vector image =
        outside * step + span * metric.weights.head(count).cwiseProduct(span.transpose() * step);
    const double curvature = step.dot(image);
    if (!(curvature > 0.0)) continue;
    double slope = step.dot(change);
    if (slope < damping * curvature) {
      const double share = (1.0 - damping) * curvature / (curvature - slope);
      change = share * change + (1.0 - share) * image;
      slope = step.dot(change);
    }
    metric.span.col(count) = change / std::sqrt(slope);
    metric.weights[count++] = 1.0;
    metric.span.col(count) = image / std::sqrt(curvature);
    metric.weights[count++] = -1.0;
  }
  metric.span.conservativeResize(Eigen::NoChange, count);
  metric.weights.conservativeResize(count);
  return metric;
}

Metric metric_of(const CompletedHessian& hessian) {
  return {hessian.outside(), hessian.basis(), hessian.images(), hessian.curvatures().cwiseInverse()};
}

MeasuredPairs measured(const PairsInSpan& pairs, const Metric& metric) {
  MeasuredPairs found;
  const auto span = metric.span.topRows(pairs.steps.cols());
  found.along = product(plain(pairs.steps), plain(span));
  const Matrix weighted = found.along * metric.weights.asDiagonal();
  found.products = symmetric_product(plain(weighted), turned(found.along));
  const Matrix middles_along = product(turned(pairs.middles), plain(span));
  found.squared_middles = metric.outside * pairs.middles.colwise().squaredNorm().transpose() +
                          middles_along.cwiseAbs2() * metric.weights;
  if (metric.basis.cols() > 0) {
    const Matrix inside = product(plain(pairs.steps), plain(metric.basis));
    found.beside = pairs.steps - product(plain(inside), turned(metric.basis));
    found.products += metric.outside * symmetric_product(plain(found.beside), turned(found.beside));
    found.squared_middles -=
        metric.outside * product(turned(pairs.middles), plain(metric.basis)).rowwise().squaredNorm();
  } else {
    found.products += metric.outside * pairs.step_step;
  }
  found.squared_middles = found.squared_middles.cwiseMax(0.0);
  return found;
}

}  // namespace optex
