#pragma once

#include "optex/estimation/estimator.hpp"
#include "optex/estimation/hyperparameters.hpp"
#include "optex/kernels/kernel.hpp"

#include <memory>

namespace optex {

/// Gaussian-process regression of the gradient field with a separable kernel K(.,.) = k(.,.) I_d.
/// Cost of a fit: O(n^3), independent of d.
class GaussianProcess final : public Estimator {
 public:
  GaussianProcess(std::shared_ptr<const Kernel> kernel, PriorMean prior_mean, HyperparameterRules rules)
      : kernel_(std::move(kernel)), prior_mean_(prior_mean), rules_(rules) {}

  std::unique_ptr<GradientModel> fit(const GradientHistory& history) const override;

 private:
  std::shared_ptr<const Kernel> kernel_;
  PriorMean prior_mean_;
  HyperparameterRules rules_;
};

}  // namespace optex
