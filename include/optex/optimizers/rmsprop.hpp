#pragma once

#include "optex/optimizers/learning_rate.hpp"
#include "optex/optimizers/optimizer.hpp"

namespace optex {

/// RMSProp (Tieleman, Hinton 2012; as torch.optim.RMSprop, not centred):
///   g += weight_decay theta;  v = alpha v + (1 - alpha) g^2;  u = g / (sqrt(v) + epsilon)
///   theta -= rate u, or with momentum:  b = momentum b + u;  theta -= rate b
class RmsProp final : public Optimizer {
 public:
  struct Options {
    LearningRate learning_rate = 1e-2;
    double alpha = 0.99;
    double epsilon = 1e-8;
    double momentum = 0.0;
    double weight_decay = 0.0;
  };
  explicit RmsProp(Options options) : options_(options) {}

  Index moment_count() const override { return options_.momentum == 0.0 ? 1 : 2; }
  void update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
              Matrix& moments) const override;

 private:
  Options options_;
};

}  // namespace optex
