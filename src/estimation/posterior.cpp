#include "optex/estimation/posterior.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>

namespace optex {
namespace {

Eigen::LLT<Matrix> factorise(const Matrix& covariance, double nugget) {
  const Index n = covariance.rows();
  Eigen::LLT<Matrix> factor(covariance + std::max(nugget, smallest_nugget) * Matrix::Identity(n, n));
  for (double jitter = 1e-10; factor.info() != Eigen::Success; jitter *= 100.0) {
    if (!(jitter < 1e6)) throw NumericalError("the covariance matrix of the gradient history is not finite");
    factor.compute(covariance + (nugget + jitter) * Matrix::Identity(n, n));
  }
  return factor;
}

}  // namespace

Posterior::Posterior(const GradientHistory& history, const Gram& gram, std::shared_ptr<const Kernel> kernel,
                     PriorMean prior_mean, Hyperparameters hyperparameters)
    : history_(history),
      kernel_(std::move(kernel)),
      prior_mean_(prior_mean),
      hyperparameters_(hyperparameters),
      factor_(factorise(kernel_matrix(gram, *kernel_, hyperparameters.lengthscale), hyperparameters.nugget)),
      inverse_ones_(factor_.solve(Vector::Ones(gram.size()))),
      ones_energy_(inverse_ones_.sum()) {
  noise_energy_ = expected_noise_energy(gram);
}

/// E = nu tr(Q S) / (n - 1), or nu tr(A^-1 S) / n for the zero prior mean.
double Posterior::expected_noise_energy(const Gram& gram) const {
  const Index n = gram.size();
  if (hyperparameters_.nugget < noisy_nugget || n < 3) return 0.0;
  double energy = factor_.solve(gram.residual_products).trace();
  if (prior_mean_ == PriorMean::zero) return hyperparameters_.nugget * energy / static_cast<double>(n);
  energy -= inverse_ones_.dot(gram.residual_products * inverse_ones_) / ones_energy_;
  return hyperparameters_.nugget * energy / static_cast<double>(n - 1);
}

Posterior::Weighting Posterior::weighting(ConstVectorRef theta) const {
  Vector k(history_.size());
  history_.squared_distances_to(theta, k);
  const double scale = 1.0 / (hyperparameters_.lengthscale * hyperparameters_.lengthscale);
  for (double& entry : k) entry = (*kernel_)(entry * scale);
  Weighting result{factor_.solve(k), 0.0};
  result.variance = 1.0 - k.dot(result.weights);
  if (prior_mean_ == PriorMean::constant) {
    const double deficit = 1.0 - inverse_ones_.dot(k);
    result.weights += inverse_ones_ * (deficit / ones_energy_);
    result.variance += deficit * deficit / ones_energy_;
  }
  result.variance = std::max(result.variance, 0.0);
  return result;
}

double Posterior::predict(ConstVectorRef theta, VectorRef mean) const {
  const Weighting w = weighting(theta);
  if (prior_mean_ == PriorMean::zero)
    history_.combine_gradients(w.weights, mean);
  else
    history_.predict_about_newest(w.weights, hyperparameters_.slope, theta, mean);
  return w.variance;
}

Vector Posterior::weights(ConstVectorRef theta) const { return weighting(theta).weights; }
Matrix Posterior::without_constant(const Matrix& z) const {
  const Matrix solved = factor_.solve(z);
  return solved - inverse_ones_ * (solved.colwise().sum() / ones_energy_);
}

double Posterior::variance(ConstVectorRef theta) const { return weighting(theta).variance; }

}  // namespace optex
