#pragma once

#include "optex/optimizers/learning_rate.hpp"
#include "optex/optimizers/optimizer.hpp"

namespace optex {

/// AdaGrad (Duchi, Hazan, Singer 2011; as torch.optim.Adagrad, lr_decay 0):
///   g += weight_decay theta;  s += g^2;  theta -= rate g / (sqrt(s) + epsilon)
class AdaGrad final : public Optimizer {
 public:
  struct Options {
    LearningRate learning_rate = 1e-2;
    double epsilon = 1e-10;
    double weight_decay = 0.0;
  };
  explicit AdaGrad(Options options) : options_(options) {}

  Index moment_count() const override { return 1; }
  void update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
              Matrix& moments) const override;

 private:
  Options options_;
};

}  // namespace optex
