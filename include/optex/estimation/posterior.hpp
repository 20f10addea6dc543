#pragma once

#include "optex/estimation/gradient_history.hpp"
#include "optex/estimation/gradient_model.hpp"
#include "optex/estimation/hyperparameters.hpp"
#include "optex/kernels/kernel.hpp"

#include <memory>

#include <Eigen/Cholesky>

namespace optex {

/// The posterior of the gradient field given n observed gradients. With A = K + nu I (n x n) and
/// k_i = k(|theta - theta_i|^2 / l^2):
///   zero prior mean (the paper):  mu = k'A^-1 G,  s2 = 1 - k'A^-1 k
///   constant prior mean:  w = A^-1 k + A^-1 1 (1 - 1'A^-1 k) / (1'A^-1 1),  mu = g_n + w'(G - 1 g_n'),
///                         s2 = 1 - k'A^-1 k + (1 - 1'A^-1 k)^2 / (1'A^-1 1)
/// A prediction reads the history once (2 n d numbers) and costs O(n^2) besides.
class Posterior final : public GradientModel {
 public:
  /// Factorises A. If that fails, more is added to the diagonal, from 1e-10 on by factors of 100.
  Posterior(const GradientHistory& history, const Gram& gram, std::shared_ptr<const Kernel> kernel,
            PriorMean prior_mean, Hyperparameters hyperparameters);

  double predict(ConstVectorRef theta, VectorRef mean) const override;
  const Posterior* posterior() const override { return this; }
  std::unique_ptr<ModelWalk> walk(VectorRef theta, const Units& units) const override;
  double noise_energy() const override { return noise_energy_; }
  double lengthscale() const override { return hyperparameters_.lengthscale; }
  double nugget() const override { return hyperparameters_.nugget; }

  /// n weights w of the observed gradients: mu(theta) = w'G (zero prior mean) or g_n + w'(G - 1 g_n').
  Vector weights(ConstVectorRef theta) const;
  double variance(ConstVectorRef theta) const;
  /// The same from the squared distances of theta from the entries (n): O(n^2), nothing of size d.
  struct Weighting {
    Vector weights;
    double variance = 0.0;
  };
  Weighting weighting_at(ConstVectorRef squared_distances) const;
  FieldWeights field(const Vector& weights) const;
  const GradientHistory& history() const { return history_; }
  const Hyperparameters& hyperparameters() const { return hyperparameters_; }

 private:
  class Walk;

  Weighting weighting(ConstVectorRef theta) const;
  double expected_noise_energy(const Gram& gram) const;

  const GradientHistory& history_;
  std::shared_ptr<const Kernel> kernel_;
  PriorMean prior_mean_;
  Hyperparameters hyperparameters_;
  Eigen::LLT<Matrix> factor_;  // of A
  Vector inverse_ones_;        // A^-1 1
  double ones_energy_ = 0.0;   // 1'A^-1 1
  double noise_energy_ = 0.0;
};

}  // namespace optex
