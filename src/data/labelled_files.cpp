#include "optex/data/labelled_files.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/content_hash.hpp"
#include "optex/data/dense_features.hpp"
#include "optex/data/sparse_features.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

RawTable read_table(const LabelledFiles& files, const std::filesystem::path& path, Index limit) {
  switch (files.format) {
    case TableFormat::csv:
      return read_csv(path, files.label_column, limit);
    case TableFormat::libsvm:
      return read_libsvm(path, limit);
    case TableFormat::hdf5:
      return read_hdf5_table(path, files.features_name, files.labels_name, limit);
  }
  return {};
}

/// How the labels of a file become class numbers.
struct LabelRule {
  std::int64_t smallest = 0;  ///< label of class 0
  std::int64_t step = 1;      ///< between the labels of neighbouring classes
  Index classes = 2;

  std::int64_t largest() const { return smallest + step * (classes - 1); }
};

LabelRule rule_for(const RawTable& table, Index classes) {
  const auto [low, high] = std::minmax_element(table.labels.begin(), table.labels.end());
  if (*low == -1 && std::all_of(table.labels.begin(), table.labels.end(),
                                [](std::int64_t label) { return label == -1 || label == 1; }))
    return {-1, 2, classes == 0 ? 2 : classes};
  LabelRule rule{*low == 1 ? 1 : 0, 1, classes};
  if (classes > 0) return rule;
  rule.classes = std::max<Index>(*high - rule.smallest + 1, 2);
  if (rule.classes > std::max<Index>(std::ssize(table.labels), 2)) {
    const auto at = static_cast<std::size_t>(high - table.labels.begin());
    throw IoError(
        fmt::format("{}: label {}: more classes than samples; labels must be 0, 1, 2, ... or -1 and "
                    "+1 (data.classes can say how many classes there are)",
                    table.place(at), *high));
  }
  return rule;
}

std::vector<std::int32_t> classes_of(const RawTable& table, const LabelRule& rule, std::size_t kept) {
  std::vector<std::int32_t> classes;
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    const std::int64_t from_first = table.labels[i] - rule.smallest;
    if (from_first < 0 || from_first % rule.step != 0 || from_first / rule.step >= rule.classes)
      throw IoError(fmt::format(
          "{}: label {} is out of range: the labels of the training data are {}{} to {}", table.place(i),
          table.labels[i], rule.smallest, rule.step == 2 ? " and +1, so from -1" : "", rule.largest()));
    if (i < kept) classes.push_back(static_cast<std::int32_t>(from_first / rule.step));
  }
  return classes;
}

/// Mean and deviation of each feature over the samples of a dense table.
struct Scaling {
  std::vector<double> mean, deviation;
};

Scaling scaling_of(const RawTable& table) {
  const auto width = static_cast<std::size_t>(table.features);
  const auto n = static_cast<double>(table.samples_kept());
  Scaling scaling{std::vector<double>(width, 0.0), std::vector<double>(width, 0.0)};
  for (std::size_t k = 0; k < table.values.size(); ++k) scaling.mean[k % width] += table.values[k];
  for (double& mean : scaling.mean) mean /= n;
  for (std::size_t k = 0; k < table.values.size(); ++k) {
    const double away = table.values[k] - scaling.mean[k % width];
    scaling.deviation[k % width] += away * away;
  }
  for (double& deviation : scaling.deviation) {
    deviation = std::sqrt(deviation / n);
    if (deviation == 0.0) deviation = 1.0;  // a constant feature becomes 0
  }
  return scaling;
}

template <class T>
std::span<const std::uint8_t> bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

std::shared_ptr<const Dataset> dataset_of(RawTable table, const LabelRule& rule, Index width,
                                          const std::optional<Scaling>& scaling) {
  if (scaling)
    for (std::size_t k = 0; k < table.values.size(); ++k) {
      const std::size_t feature = k % scaling->mean.size();
      table.values[k] = (table.values[k] - scaling->mean[feature]) / scaling->deviation[feature];
    }
  std::vector<std::int32_t> labels = classes_of(table, rule, static_cast<std::size_t>(table.samples_kept()));
  std::string hash = content_hash(
      {bytes_of(table.starts), bytes_of(table.columns), bytes_of(table.values), bytes_of(labels)});
  std::unique_ptr<const FeatureTable> features;
  if (table.is_sparse)
    features = std::make_unique<SparseFeatures>(std::move(table.starts), std::move(table.columns),
                                                std::move(table.values), width);
  else
    features = std::make_unique<DenseFeatures>(std::move(table.values), width);
  return std::make_shared<const Dataset>(table.source, std::move(features), std::move(labels), rule.classes,
                                         std::move(hash));
}

void check_width(const RawTable& table, Index width, bool given) {
  if (table.is_sparse ? table.features <= width : table.features == width) return;
  if (table.is_sparse)
    throw IoError(fmt::format("{}: indices up to {}, but {}{}; set data.features = {} or more", table.source,
                              table.features, given ? "data.features is " : "the training data have ", width,
                              table.features));
  throw IoError(
      fmt::format("{}: {} features, but the training data have {}", table.source, table.features, width));
}

}  // namespace

LabelledSets load_labelled(const LabelledFiles& files) {
  if (files.limit < 0)
    throw UsageError(fmt::format("data.limit = {}: must be 0 (all samples) or positive", files.limit));
  if (files.classes < 0 || files.classes == 1)
    throw UsageError(
        fmt::format("data.classes = {}: must be 0 (as the labels say) or at least 2", files.classes));
  if (files.standardize && files.format == TableFormat::libsvm)
    throw UsageError("data.standardize: sparse data would not stay sparse; scale the file instead");
  RawTable train = read_table(files, files.train, files.limit);
  const Index width = train.is_sparse && files.features > 0 ? files.features : train.features;
  check_width(train, width, files.features > 0);
  const LabelRule rule = rule_for(train, files.classes);
  const auto scaling = files.standardize ? std::optional(scaling_of(train)) : std::nullopt;
  LabelledSets sets;
  if (!files.test.empty()) {
    RawTable test = read_table(files, files.test, 0);
    check_width(test, width, files.features > 0);
    sets.test = dataset_of(std::move(test), rule, width, scaling);
  }
  sets.train = dataset_of(std::move(train), rule, width, scaling);
  return sets;
}

}  // namespace optex
