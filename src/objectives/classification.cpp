#include "classification.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"
#include "optex/data/features.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Images of side x side pixels in rows of `across`, blank lines between them.
Exhibit as_images(const Matrix& layer, Index side) {
  constexpr Index most = 64;
  const Index count = std::min<Index>(layer.cols(), most);
  const auto across = static_cast<Index>(std::ceil(std::sqrt(2.0 * static_cast<double>(count))));
  const Index down = (count + across - 1) / across;
  Exhibit images{"weights", down * (side + 1) - 1, across * (side + 1) - 1, {}, ExhibitKind::image};
  images.values = Vector::Constant(images.rows * images.columns, std::numeric_limits<double>::quiet_NaN());
  for (Index unit = 0; unit < count; ++unit)
    for (Index y = 0; y < side; ++y)
      for (Index x = 0; x < side; ++x)
        images.values[(unit / across * (side + 1) + y) * images.columns + unit % across * (side + 1) + x] =
            layer(y * side + x, unit);
  return images;
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

std::vector<Exhibit> exhibit_classifier(const Dataset& train, const Dataset* test, const OutputWalk& walk,
                                        const Matrix& first_layer) {
  constexpr Index most_classes = 1000;
  std::vector<Exhibit> exhibits;
  const auto side = static_cast<Index>(std::lround(std::sqrt(static_cast<double>(train.feature_count()))));
  if (dynamic_cast<const ByteFeatures*>(&train.features()) != nullptr && side * side == train.feature_count())
    exhibits.push_back(as_images(first_layer, side));
  const Dataset& data = test != nullptr ? *test : train;
  const Index classes = data.class_count();
  if (!data.is_whole() || classes > most_classes) return exhibits;
  Exhibit confusion{"confusion",
                    classes,
                    classes,
                    Vector::Zero(classes * classes),
                    ExhibitKind::field,
                    "samples of a class (row) that are taken for another (column)"};
  std::vector<Index> all(static_cast<std::size_t>(data.sample_count()));
  std::iota(all.begin(), all.end(), Index{0});
  walk(data, all, [&](Index, Index sample, std::span<double> outputs) {
    const auto taken_for = std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
    confusion.values[label_of(data, sample) * classes + taken_for] += 1.0;
  });
  exhibits.push_back(std::move(confusion));
  return exhibits;
}

}  // namespace optex
