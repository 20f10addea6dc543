#include "optex/data/dataset.hpp"

#include "optex/core/errors.hpp"

#include <utility>

#include <fmt/format.h>

namespace optex {

Dataset::Dataset(std::string source, std::unique_ptr<const FeatureTable> features,
                 std::vector<std::int32_t> labels, Index classes, std::string hash, Index samples)
    : source_(std::move(source)),
      features_(std::move(features)),
      labels_(std::move(labels)),
      class_count_(classes),
      hash_(std::move(hash)),
      sample_count_(samples < 0 ? features_->sample_count() : samples),
      is_whole_(samples < 0) {
  if (classes < 2)
    throw IoError(fmt::format("{}: {} class(es): classification needs at least two", source_, classes));
  if (sample_count() == 0) throw IoError(fmt::format("{}: no samples", source_));
  if (static_cast<Index>(labels_.size()) != features_->sample_count())
    throw IoError(fmt::format("{}: {} samples but {} labels: they belong to different sets", source_,
                              features_->sample_count(), labels_.size()));
  for (std::size_t i = 0; i < labels_.size(); ++i)
    if (labels_[i] < 0 || labels_[i] >= classes)
      throw IoError(fmt::format("{}: sample {} has label {}, but labels must be 0 to {}", source_, i,
                                labels_[i], classes - 1));
}

DataDescription Dataset::describe() const {
  return {source_, sample_count(), feature_count(), class_count(), hash_};
}

}  // namespace optex
