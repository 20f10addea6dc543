#pragma once

#include "optex/optimizers/learning_rate.hpp"
#include "optex/optimizers/optimizer.hpp"

namespace optex {

/// Adam (Kingma, Ba 2015) and AdamW (Loshchilov, Hutter 2019), as torch.optim.Adam and AdamW:
///   Adam: g += weight_decay theta;  AdamW: theta *= 1 - rate weight_decay
///   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
///   theta -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
class Adam final : public Optimizer {
 public:
  struct Options {
    LearningRate learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.0;
    bool decoupled_decay = false;  ///< AdamW
  };
  explicit Adam(Options options) : options_(options) {}

  Index moment_count() const override { return 2; }
  void update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
              Matrix& moments) const override;

 private:
  Options options_;
};

}  // namespace optex
