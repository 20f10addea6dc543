#pragma once

#include "optex/core/types.hpp"
#include "optex/objectives/mlp.hpp"

#include <cstdint>
#include <vector>

namespace optex {

/// The shape of a fully connected network and its place in theta: layers from first to last, each as weights
/// row by row (outputs x inputs), then biases (outputs).
class DenseNetwork {
 public:
  struct Layer {
    Index inputs = 0, outputs = 0;
    Index first = 0;  ///< place of its weights in theta

    Index weights() const { return inputs * outputs; }
    Index size() const { return weights() + outputs; }
  };

  /// hidden: widths that problem.hidden names. Throws UsageError when one of them is no width.
  DenseNetwork(Index inputs, const std::vector<Index>& hidden, Index outputs, Activation activation);

  Index dimension() const { return layers_.back().first + layers_.back().size(); }
  const std::vector<Layer>& layers() const { return layers_; }

  /// Weights normal with variance 2/inputs for relu (He et al.), 2/(inputs + outputs) for tanh (Glorot and
  /// Bengio), a function of the seed; biases 0.
  Vector initial_point(std::uint64_t seed) const;

  /// The network at one theta, on its way through blocks of samples. A block's inputs are (inputs + 1) x
  /// columns with ones in the last row, as in SampleBlock; columns beyond the samples are zero.
  class Pass {
   public:
    Pass(const DenseNetwork& network, ConstVectorRef theta);

    /// Writes outputs x columns.
    void forward(const Eigen::Ref<const Matrix>& inputs, Matrix& outputs);
    /// After forward() on the same inputs: adds what `slope`, the derivative with respect to its outputs
    /// (destroyed), means for each layer. Columns beyond the samples must be zero.
    void backward(const Eigen::Ref<const Matrix>& inputs, Matrix& slope);
    /// Writes weight times the sums of all backward() into `gradient`, length d.
    void write_gradient(double weight, VectorRef gradient) const;

   private:
    const DenseNetwork& network_;
    std::vector<Matrix> weights_;      // each (inputs + 1) x outputs, biases in the last row
    std::vector<Matrix> activations_;  // behind each hidden layer, (width + 1) x columns
    std::vector<Matrix> sums_;         // as weights_; empty before the first backward()
    Matrix before_;
  };

 private:
  Activation activation_;
  std::vector<Layer> layers_;
};

}  // namespace optex
