#include "optex/estimation/hyperparameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <Eigen/Eigenvalues>

namespace optex {
namespace {

constexpr double tiny = 1e-300;

/// A candidate replaces the best only when it is better by more than round-off, so that ties go the same way
/// on every machine: to the first in the grid.
bool improves(double score, double best) {
  return score < best - 1e-9 * (std::isfinite(best) ? std::abs(best) : 0.0);
}

/// The best candidate so far.
struct Best {
  double score = std::numeric_limits<double>::infinity();
  Hyperparameters chosen;

  void offer(double candidate_score, const Hyperparameters& candidate) {
    if (!improves(candidate_score, score)) return;
    score = candidate_score;
    chosen = candidate;
  }
};

/// Scores all nuggets for one lengthscale in the eigenbasis of K.
class LikelihoodAtLengthscale {
 public:
  LikelihoodAtLengthscale(const Matrix& covariance, const Gram& gram)
      : eigen_(covariance),
        n_(covariance.rows()),
        // The signal variance is profiled out, so the scale of S is free: trace n keeps the logarithm tame.
        scale_(gram.residual_products.trace() / static_cast<double>(n_) + tiny) {
    if (!decomposed()) return;
    const Matrix& basis = eigen_.eigenvectors();
    residuals_ = basis.transpose() * gram.residual_products * basis;
    ones_ = basis.transpose() * Vector::Ones(n_);
  }

  bool decomposed() const { return eigen_.info() == Eigen::Success; }

  /// Offers the candidate (lengthscale, nugget).
  void score(double lengthscale, double nugget, PriorMean prior_mean, Best& best) const {
    const Vector inverse =
        (eigen_.eigenvalues().cwiseMax(0.0).array() + std::max(nugget, smallest_nugget)).inverse();
    const double log_determinant = -inverse.array().log().sum();
    const double n = static_cast<double>(n_);
    if (prior_mean == PriorMean::zero) {
      const double trace = inverse.dot(residuals_.diagonal());  // tr(A^-1 S)
      best.offer(n * std::log(std::max(trace / scale_, tiny)) + log_determinant, {lengthscale, nugget});
      return;
    }
    const Vector b = inverse.cwiseProduct(ones_);
    const double ones_energy = b.dot(ones_);  // 1'A^-1 1
    const double penalty = log_determinant + std::log(ones_energy);
    const double trace = inverse.dot(residuals_.diagonal()) - b.dot(residuals_ * b) / ones_energy;  // tr(Q S)
    best.offer((n - 1.0) * std::log(std::max(trace / scale_, tiny)) + penalty, {lengthscale, nugget});
  }

 private:
  Eigen::SelfAdjointEigenSolver<Matrix> eigen_;
  Index n_;
  double scale_;
  Matrix residuals_;  // V'SV
  Vector ones_;       // V'1
};

Hyperparameters most_likely(const Gram& gram, const Kernel& kernel, PriorMean prior_mean,
                            const std::vector<double>& lengthscales, const std::vector<double>& nuggets) {
  Best best{.chosen = {4.0 * gram.median_distance, 1e-6}};
  for (const double lengthscale : lengthscales) {
    const LikelihoodAtLengthscale likelihood(kernel_matrix(gram, kernel, lengthscale), gram);
    if (!likelihood.decomposed()) continue;
    for (const double nugget : nuggets) likelihood.score(lengthscale, nugget, prior_mean, best);
  }
  return best.chosen;
}

}  // namespace

Matrix kernel_matrix(const Gram& gram, const Kernel& kernel, double lengthscale) {
  const double scale = 1.0 / (lengthscale * lengthscale);
  return gram.squared_distances.unaryExpr([&](double r2) { return kernel(r2 * scale); });
}

Hyperparameters choose_hyperparameters(const Gram& gram, const Kernel& kernel, PriorMean prior_mean,
                                       const HyperparameterRules& rules) {
  const double median = gram.median_distance;
  double lengthscale = rules.lengthscale;
  switch (rules.lengthscale_rule) {
    case LengthscaleRule::paper:
      // The authors' recipe comes with its own nugget.
      return {0.1 * gram.mean_root_norm, rules.nugget.value_or(1e-3)};
    case LengthscaleRule::median:
      lengthscale = median;
      break;
    case LengthscaleRule::maximum_likelihood:
      lengthscale = 4.0 * median;
      break;
    case LengthscaleRule::fixed:
      break;
  }
  const bool search_lengthscale = rules.lengthscale_rule == LengthscaleRule::maximum_likelihood;
  if (gram.size() < 3) return {lengthscale, rules.nugget.value_or(1e-6)};
  if (!search_lengthscale && rules.nugget) return {lengthscale, *rules.nugget};

  std::vector<double> lengthscales{lengthscale};
  if (search_lengthscale)
    lengthscales = {0.25 * median, median, 4.0 * median, 16.0 * median, 64.0 * median, 256.0 * median};
  std::vector<double> nuggets{1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 0.1, 1.0, 10.0};
  if (rules.nugget) nuggets = {*rules.nugget};
  return most_likely(gram, kernel, prior_mean, lengthscales, nuggets);
}

}  // namespace optex
