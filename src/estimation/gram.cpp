#include "optex/estimation/gram.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace optex {
namespace {

/// Median of |theta_i - theta_j| over pairs; when it is 0 the largest; when all points agree 1.
double median_distance(const Matrix& squared_distances) {
  std::vector<double> distances;
  for (Index j = 1; j < squared_distances.cols(); ++j)
    for (Index i = 0; i < j; ++i) distances.push_back(std::sqrt(squared_distances(i, j)));
  if (distances.empty()) return 1.0;
  std::sort(distances.begin(), distances.end());
  const std::size_t middle = distances.size() / 2;
  const double median =
      distances.size() % 2 == 1 ? distances[middle] : 0.5 * (distances[middle - 1] + distances[middle]);
  if (median > 0.0) return median;
  return distances.back() > 0.0 ? distances.back() : 1.0;
}

}  // namespace

Gram gram_of(const GradientHistory& history, PriorMean prior_mean) {
  const Index n = history.size();
  Gram gram;
  gram.squared_distances = history.squared_distances();
  gram.median_distance = median_distance(gram.squared_distances);

  // S_ij = (a_i + a_j - |g_i - g_j|^2) / 2 with a_i = |g_i|^2 or |g_i - g_n|^2: from differences, so that
  // nothing cancels when all gradients are nearly the same.
  const Matrix gradient_distances = history.squared_gradient_distances();
  const Vector a = prior_mean == PriorMean::zero ? history.squared_gradient_norms()
                                                 : Vector(gradient_distances.col(n - 1));
  gram.residual_products.resize(n, n);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i)
      gram.residual_products(i, j) = 0.5 * (a[i] + a[j] - gradient_distances(i, j));

  double root_norms = 0.0;
  const Vector squared_norms = history.squared_theta_norms();
  for (Index i = 0; i < n; ++i) root_norms += std::pow(squared_norms[i], 0.25);
  if (root_norms > 0.0) gram.mean_root_norm = root_norms / static_cast<double>(n);
  return gram;
}

}  // namespace optex
