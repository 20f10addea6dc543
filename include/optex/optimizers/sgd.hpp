#pragma once

#include "optex/optimizers/learning_rate.hpp"
#include "optex/optimizers/optimizer.hpp"

namespace optex {

/// Stochastic gradient descent, with heavy-ball or Nesterov momentum (as torch.optim.SGD, dampening 0):
///   g += weight_decay theta;  m = momentum m + g;  theta -= rate m            (heavy ball)
///                                                  theta -= rate (g + momentum m)  (Nesterov)
class Sgd final : public Optimizer {
 public:
  struct Options {
    LearningRate learning_rate = 1e-3;
    double momentum = 0.0;
    bool nesterov = false;
    double weight_decay = 0.0;
  };
  explicit Sgd(Options options) : options_(options) {}

  Index moment_count() const override { return options_.momentum == 0.0 ? 0 : 1; }
  void update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
              Matrix& moments) const override;
  std::optional<LinearRule> linear_rule() const override {
    if (options_.weight_decay != 0.0) return std::nullopt;
    return LinearRule{options_.learning_rate, options_.momentum, options_.nesterov};
  }

 private:
  Options options_;
};

}  // namespace optex
