#include "pair_noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace optex {
namespace {

constexpr double noise_floor = 1e-8;  // rho^2 of a pair at the best point
constexpr double coupling = 0.1;      // of rho^2: what a step along held coordinates leaves in the others
constexpr double least_angle = 0.2;   // 1 - cos^2 of two steps that say something about each other
constexpr double most_variance = 8.0;
constexpr std::size_t enough = 4000;  // pairs of pairs; of more, every so manieth

double growth_of_noise(const Matrix& slopes, const Matrix& cosines, const Vector& squared_distances,
                       const Vector& base, Index newest) {
  const Index n = slopes.rows();
  std::vector<double> squares, distances, bases;  // of the pairs of pairs
  for (Index i = std::max<Index>(0, n - newest); i < n; ++i)
    for (Index j = i + 1; j < n; ++j) {
      const double angle = 1.0 - cosines(i, j) * cosines(i, j);
      if (!(angle > least_angle)) continue;
      const double asymmetry = slopes(i, j) - slopes(j, i);
      squares.push_back(asymmetry * asymmetry / angle);
      distances.push_back(squared_distances[i] + squared_distances[j]);
      bases.push_back(base[i] + base[j]);
    }
  const std::size_t stride = squares.size() > enough ? squares.size() / (enough / 2) : 1;
  double growth = 0.0;  // kappa^2
  double best = std::numeric_limits<double>::infinity();
  for (int step = 0; step <= 28 && !squares.empty(); ++step) {
    const double candidate = std::pow(10.0, -10.0 + 0.5 * step);
    double score = 0.0;
    double product = 1.0;  // of some variances: one logarithm for all of them
    for (std::size_t k = 0; k < squares.size(); k += stride) {
      const double variance = std::min(bases[k] + candidate * distances[k], most_variance);
      score += squares[k] / variance;
      product *= variance;
      if (product > 1e-200 && product < 1e200) continue;
      score += std::log(product);
      product = 1.0;
    }
    score += std::log(product);
    if (score < best) {
      best = score;
      growth = candidate;
    }
  }
  return growth;
}

/// For each pair the sum of cos^2 with those that are nearer.
Vector redundancy_of(const Matrix& cosines, const Vector& squared_distances) {
  const Index n = cosines.rows();
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Index i, Index j) { return squared_distances[i] < squared_distances[j]; });
  Vector sums = Vector::Zero(n);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      sums[order[i]] += cosines(order[i], order[j]) * cosines(order[i], order[j]);
  return sums;
}

}  // namespace

PairNoise noise_of_pairs(const Matrix& cosines, const Matrix& slopes, const Vector& squared_distances,
                         const Vector& held_shares, const ModelRules& rules) {
  Vector base = Vector::Constant(cosines.rows(), noise_floor);
  if (held_shares.size() > 0) base += coupling * held_shares;
  const double growth = growth_of_noise(slopes, cosines, squared_distances, base, rules.likelihood_pairs);
  const Vector distant = rules.inflation * growth * squared_distances;
  const Vector inflated = 1.0 + rules.redundancy * redundancy_of(cosines, squared_distances).array();
  return {distant.cwiseProduct(inflated) + base, distant + base};
}

}  // namespace optex
