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

Posterior::Weighting Posterior::weighting_at(ConstVectorRef squared_distances) const {
  const double scale = 1.0 / (hyperparameters_.lengthscale * hyperparameters_.lengthscale);
  const Vector k = squared_distances.unaryExpr([&](double r2) { return (*kernel_)(r2 * scale); });
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

Posterior::Weighting Posterior::weighting(ConstVectorRef theta) const {
  Vector distances(history_.size());
  history_.squared_distances_to(theta, distances);
  return weighting_at(distances);
}

FieldWeights Posterior::field(const Vector& weights) const {
  return {weights, prior_mean_ == PriorMean::constant};
}

double Posterior::predict(ConstVectorRef theta, VectorRef mean) const {
  const Weighting w = weighting(theta);
  history_.field(field(w.weights), mean);
  return w.variance;
}

/// Carries the squared distances from one place to the next, so that a step reads the history once.
class Posterior::Walk final : public ModelWalk {
 public:
  Walk(const Posterior& posterior, VectorRef theta, const Units& units)
      : posterior_(posterior),
        history_(posterior.history_),
        theta_(theta),
        units_(units),
        distances_(history_.size()) {
    look();
  }

  double variance() override {
    if (!looked_) look();
    return here_.variance;
  }
  void predict(VectorRef mean) override {
    if (!looked_) look();
    history_.field(posterior_.field(here_.weights), mean, units_);
  }
  bool advance(const BlockMove& move, const StepRecord& record, bool last) override {
    if (!looked_) look();
    const bool finite = history_.step_along(posterior_.field(here_.weights), theta_, units_, move, record,
                                            last ? nullptr : distances_.data());
    looked_ = false;
    if (!last) arrive();
    return finite;
  }
  void advance_along(VectorRef given, const BlockMove& move) override {
    history_.step_along(given, theta_, units_, move, distances_.data());
    arrive();
  }

 private:
  void look() {
    history_.squared_distances_to(theta_, units_, distances_);
    arrive();
  }
  void arrive() {
    here_ = posterior_.weighting_at(distances_);
    looked_ = true;
  }

  const Posterior& posterior_;
  const GradientHistory& history_;
  VectorRef theta_;
  Units units_;
  Vector distances_;  // n
  Weighting here_;
  bool looked_ = false;  // whether distances_ and here_ are those of where the point stands
};

std::unique_ptr<ModelWalk> Posterior::walk(VectorRef theta, const Units& units) const {
  return std::make_unique<Walk>(*this, theta, units);
}

Vector Posterior::weights(ConstVectorRef theta) const { return weighting(theta).weights; }
double Posterior::variance(ConstVectorRef theta) const { return weighting(theta).variance; }

}  // namespace optex
