#include "classification.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"

#include <numeric>

#include "cross_entropy.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

struct Quality {
  double accuracy = 0.0, loss = 0.0;
};

Quality measure(const Dataset& data, const OutputWalk& walk, OutputLoss loss) {
  std::vector<Index> all(static_cast<std::size_t>(data.sample_count()));
  std::iota(all.begin(), all.end(), Index{0});
  Vector losses(data.sample_count());
  Index right = 0;
  walk(data, all, [&](Index position, Index sample, std::span<double> outputs) {
    const std::int32_t label = label_of(data, sample);
    right += is_predicted(outputs, label) ? 1 : 0;
    losses[position] = loss(outputs, label);
  });
  const auto n = static_cast<double>(data.sample_count());
  return {static_cast<double>(right) / n, sum(losses) / n};
}

}  // namespace

double squared_error(std::span<double> outputs, std::int32_t label) {
  outputs[static_cast<std::size_t>(label)] -= 1.0;
  double total = 0.0;
  for (const double z : outputs) total += z * z;
  return 0.5 * total;
}

void check_test_set(const Dataset& train, const Dataset* test) {
  if (test == nullptr) return;
  if (test->feature_count() == train.feature_count() && test->class_count() == train.class_count()) return;
  throw UsageError(fmt::format("{}: {} features and {} classes, but the training data have {} and {}",
                               test->describe().source, test->feature_count(), test->class_count(),
                               train.feature_count(), train.class_count()));
}

Matrix with_bias_row(ConstVectorRef theta, Index inputs, Index outputs) {
  Matrix layer(inputs + 1, outputs);
  layer.topRows(inputs) = Eigen::Map<const Matrix>(theta.data(), inputs, outputs);
  layer.row(inputs) = theta.tail(outputs).transpose();
  return layer;
}

std::vector<Measure> assess_classifier(const Dataset& train, const Dataset* test, const OutputWalk& walk,
                                       OutputLoss loss) {
  std::vector<Measure> measures;
  if (train.is_whole()) measures.push_back({"train_accuracy", measure(train, walk, loss).accuracy});
  if (test != nullptr) {
    const Quality quality = measure(*test, walk, loss);
    measures.push_back({"test_accuracy", quality.accuracy});
    measures.push_back({"test_loss", quality.loss});
  }
  return measures;
}

}  // namespace optex
