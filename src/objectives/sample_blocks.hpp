#pragma once

#include "optex/core/types.hpp"
#include "optex/data/dataset.hpp"

#include <functional>
#include <span>

namespace optex {

/// A few samples as the matrix that a linear layer multiplies.
struct SampleBlock {
  /// (features + 1) x columns. The last row holds ones, so a layer's bias is one more weight. Columns beyond
  /// `samples` are zero: their number is a multiple of sample_block_multiple, which keeps the shapes, hence
  /// the order of every sum inside the products, few and never a single vector.
  Eigen::Ref<const Matrix> inputs;
  std::span<const Index> samples;  ///< sample number of each of the first columns
  Index first;                     ///< position of samples[0] in the list that is being walked
};

inline constexpr Index sample_block_multiple = 8;

/// Visits the samples of `list` in blocks of at most 256, in order. Memory: one block of doubles.
void for_each_block(const Dataset& data, std::span<const Index> list,
                    const std::function<void(const SampleBlock&)>& visit);

}  // namespace optex
