#include "optex/estimation/gaussian_process.hpp"

#include "optex/estimation/posterior.hpp"

namespace optex {

std::unique_ptr<GradientModel> GaussianProcess::fit(const GradientHistory& history) const {
  const Gram gram = gram_of(history, prior_mean_);
  const Hyperparameters chosen = choose_hyperparameters(gram, *kernel_, prior_mean_, rules_);
  return std::make_unique<Posterior>(history, gram, kernel_, prior_mean_, chosen);
}

}  // namespace optex
