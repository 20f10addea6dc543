#pragma once

#include "optex/estimation/gram.hpp"
#include "optex/kernels/kernel.hpp"

#include <optional>

namespace optex {

/// How the lengthscale is chosen at every fit.
enum class LengthscaleRule {
  maximum_likelihood,  ///< restricted likelihood on a grid about the median distance
  paper,               ///< 0.1 mean_i sqrt(|theta_i|): the authors' code
  median,              ///< the median pairwise distance
  fixed,
};

struct HyperparameterRules {
  LengthscaleRule lengthscale_rule = LengthscaleRule::maximum_likelihood;
  double lengthscale = 1.0;  ///< for `fixed`
  std::optional<double> nugget =
      std::nullopt;  ///< noise variance / signal variance; unset: maximum likelihood
};

struct Hyperparameters {
  double lengthscale = 1.0;
  double nugget = 1e-6;
};

/// From this nugget on the model believes that the gradients are noisy.
inline constexpr double noisy_nugget = 1e-3;

/// Noise variance below this is treated as this: the covariance matrix must stay invertible.
inline constexpr double smallest_nugget = 1e-12;

/// Chooses lengthscale l and nugget nu for a history.
///
/// Maximum likelihood minimises, over l in median distance x {1/4, 1, 4, 16, 64, 256} and nu in {1e-10 ...
/// 10},
///   (n-1) log tr(Q S) + log|A| + log(1'A^-1 1),   A = K + nu I,  Q = A^-1 - A^-1 1 1'A^-1 / (1'A^-1 1)
/// for the constant prior mean (restricted likelihood, signal variance profiled out), and
///   n log tr(A^-1 S) + log|A|
/// for the zero prior mean. One eigendecomposition of K per l serves all nu: 6 x O(n^3), nothing of size d.
/// With fewer than 3 entries: l = 4 x median distance, nu = 1e-6 (where the rules ask for the likelihood).
Hyperparameters choose_hyperparameters(const Gram& gram, const Kernel& kernel, PriorMean prior_mean,
                                       const HyperparameterRules& rules);

/// K_ij = k(|theta_i - theta_j|^2 / l^2).
Matrix kernel_matrix(const Gram& gram, const Kernel& kernel, double lengthscale);

}  // namespace optex
