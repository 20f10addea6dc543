#pragma once

#include "optex/core/objective.hpp"
#include "optex/data/batch_sampler.hpp"
#include "optex/data/dataset.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace optex {

class DenseNetwork;

enum class Activation {
  relu,  ///< max(0, z), with slope 0 at 0
  tanh,
};

enum class ClassLoss {
  cross_entropy,  ///< log sum_c exp z_c - z_label
  squared_error,  ///< 1/2 |z - onehot(label)|^2
};

struct MlpOptions {
  std::vector<Index> hidden = {128, 64};  ///< width of each hidden layer, first to last; none: a linear model
  Activation activation = Activation::relu;
  ClassLoss loss = ClassLoss::cross_entropy;
  Index shards = 1;
  Index batch = 0;         ///< samples in a mini-batch, drawn from all the data; 0: all
  double l2 = 0.0;         ///< penalty l2/2 |weights|^2
  std::uint64_t seed = 0;  ///< of the start
};

/// A fully connected network that tells classes apart: z = W_L a_{L-1} + b_L, a_l = activation(W_l a_{l-1} +
/// b_l), a_0 the features, and
///   F = mean over samples of loss(z, label) + l2/2 sum_l |W_l|^2; biases are not penalised.
///
/// theta holds the layers from first to last, each as W_l row by row (outputs x inputs), then b_l (outputs).
/// Start: weights normal with variance 2/inputs for relu (He, Zhang, Ren, Sun, ICCV 2015), 2/(inputs +
/// outputs) for tanh (Glorot, Bengio, AISTATS 2010), a function of the seed; biases 0.
///
/// Shards and mini-batches as in SoftmaxRegression. A gradient is exact (backward differentiation) and costs
/// about 6 operations a sample and weight, 4 in the first layer; memory: one block of 256 samples through all
/// layers, and twice the weights.
class Mlp final : public Objective {
 public:
  /// test: what assess() measures on, may be null. Throws UsageError when a width, shards or batch do not
  /// fit, l2 is negative, or the two sets differ in features or classes.
  Mlp(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test, const MlpOptions& options);

  ~Mlp() override;

  Index dimension() const override;
  Index shard_count() const override { return sampler_.shard_count(); }
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override { return sampler_.is_random(); }

  /// train_accuracy and, with a test set, test_accuracy and test_loss (mean loss without the penalty).
  std::vector<Measure> assess(ConstVectorRef theta) const override;
  /// confusion and, of images, weights (of the first layer).
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override;

 private:
  std::shared_ptr<const Dataset> train_, test_;
  MlpOptions options_;
  BatchSampler sampler_;
  std::unique_ptr<const DenseNetwork> network_;
};

}  // namespace optex
