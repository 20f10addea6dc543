#pragma once

#include "optex/core/objective.hpp"
#include "optex/data/dataset.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sample_blocks.hpp"

/// What problems that tell classes apart have in common.
namespace optex {

/// Loss of one sample: takes the outputs (one number a class) and the label, returns the loss and leaves its
/// derivative with respect to the outputs in their place.
using OutputLoss = double (*)(std::span<double> outputs, std::int32_t label);

/// 1/2 |z - onehot(label)|^2.
double squared_error(std::span<double> outputs, std::int32_t label);

/// Throws UsageError when there is a test set whose features or classes are not those of the training set.
void check_test_set(const Dataset& train, const Dataset* test);

/// A layer in `theta` (weights row by row, outputs x inputs, then biases) as one matrix, (inputs + 1) x
/// outputs: a column is an output's weights and, below them, its bias.
Matrix with_bias_row(ConstVectorRef theta, Index inputs, Index outputs);

inline std::span<double> column(Matrix& matrix, Index k) {
  return {matrix.col(k).data(), static_cast<std::size_t>(matrix.rows())};
}

inline std::int32_t label_of(const Dataset& data, Index sample) { return data.label(sample); }

/// Is handed a sample's position in the list that is walked, its number and its outputs, which it may change.
using OutputVisit = std::function<void(Index position, Index sample, std::span<double> outputs)>;

/// Hands the outputs of the listed samples to `visit`, in order.
using OutputWalk =
    std::function<void(const Dataset& data, std::span<const Index> samples, const OutputVisit& visit)>;

/// Visits the columns of `outputs` (classes x columns) that belong to samples.
inline void visit_columns(const SampleBlock& block, Matrix& outputs, const OutputVisit& visit) {
  for (Index k = 0; k < std::ssize(block.samples); ++k)
    visit(block.first + k, block.samples[static_cast<std::size_t>(k)], column(outputs, k));
}

/// train_accuracy, where this rank has all training samples, and, with a test set, test_accuracy and
/// test_loss (the mean loss without any penalty).
std::vector<Measure> assess_classifier(const Dataset& train, const Dataset* test, const OutputWalk& walk,
                                       OutputLoss loss);

/// confusion: how many samples of each class (rows) are taken for which (columns), of the test set, or of the
/// training set where this rank has all of it; and where the samples are square images, first_layer: the
/// weights of the first units, (features + 1) x units as with_bias_row() makes it, as images side by side.
std::vector<Exhibit> exhibit_classifier(const Dataset& train, const Dataset* test, const OutputWalk& walk,
                                        const Matrix& first_layer);

}  // namespace optex
