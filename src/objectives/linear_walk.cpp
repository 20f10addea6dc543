#include "linear_walk.hpp"

#include "optex/core/reductions.hpp"
#include "optex/data/sparse_features.hpp"

namespace optex {
namespace {

void walk_sparse(const SparseFeatures& features, std::span<const Index> samples, const Matrix& layer,
                 const OutputVisit& visit, Matrix* slope) {
  const Index bias = layer.rows() - 1;
  std::vector<double> outputs(static_cast<std::size_t>(layer.cols()));
  for (std::size_t k = 0; k < samples.size(); ++k) {
    const SparseFeatures::Row row = features.row(samples[k]);
    for (Index c = 0; c < layer.cols(); ++c) {
      const double* const weights = layer.col(c).data();
      double output = weights[bias];
      for (std::size_t i = 0; i < row.values.size(); ++i) output += weights[row.columns[i]] * row.values[i];
      outputs[static_cast<std::size_t>(c)] = output;
    }
    visit(static_cast<Index>(k), samples[k], outputs);
    for (Index c = 0; slope != nullptr && c < layer.cols(); ++c) {
      double* const out = slope->col(c).data();
      const double derivative = outputs[static_cast<std::size_t>(c)];
      for (std::size_t i = 0; i < row.values.size(); ++i) out[row.columns[i]] += derivative * row.values[i];
      out[bias] += derivative;
    }
  }
}

/// One output: a matrix product would be one by a vector, whose order of sums is not fixed.
void walk_single(const SampleBlock& block, const Matrix& layer, const OutputVisit& visit, Matrix* slope) {
  const Index rows = layer.rows();
  for (Index k = 0; k < std::ssize(block.samples); ++k) {
    const double* const x = block.inputs.col(k).data();
    double output = dot(layer.data(), x, rows);
    visit(block.first + k, block.samples[static_cast<std::size_t>(k)], {&output, 1});
    for (Index i = 0; slope != nullptr && i < rows; ++i) slope->data()[i] += output * x[i];
  }
}

}  // namespace

void walk_linear(const Dataset& data, std::span<const Index> samples, const Matrix& layer,
                 const OutputVisit& visit, Matrix* slope) {
  if (const SparseFeatures* const sparse = data.features().sparse())
    return walk_sparse(*sparse, samples, layer, visit, slope);
  Matrix outputs;  // outputs x samples, then their derivatives
  for_each_block(data, samples, [&](const SampleBlock& block) {
    if (layer.cols() == 1) return walk_single(block, layer, visit, slope);
    outputs.noalias() = layer.transpose() * block.inputs;
    visit_columns(block, outputs, visit);
    // The columns beyond the samples are zero in `inputs` and drop out here.
    if (slope != nullptr) slope->noalias() += block.inputs * outputs.transpose();
  });
}

}  // namespace optex
