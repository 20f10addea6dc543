#pragma once

#include "optex/data/features.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace optex {

/// What a run records about its data.
struct DataDescription {
  std::string source;  ///< where it was read from
  Index samples = 0;
  Index features = 0;
  Index classes = 0;
  std::string hash;  ///< of the samples that are used: see content_hash()
};

/// Labelled samples for classification: features and one class number a sample. Immutable.
class Dataset {
 public:
  /// labels: one a sample, each in 0 .. classes-1. `source` names the data in every message. Throws IoError
  /// when there are no samples, fewer than two classes, counts that differ or a label out of range.
  Dataset(std::string source, std::unique_ptr<const FeatureTable> features, std::vector<std::int32_t> labels,
          Index classes, std::string hash);

  Index sample_count() const { return features_->sample_count(); }
  Index feature_count() const { return features_->feature_count(); }
  Index class_count() const { return class_count_; }
  const FeatureTable& features() const { return *features_; }
  /// One class number a sample, in 0 .. class_count()-1.
  const std::vector<std::int32_t>& labels() const { return labels_; }

  DataDescription describe() const;
  /// Memory that features and labels take.
  double bytes() const { return features_->bytes() + 4.0 * static_cast<double>(labels_.size()); }

 private:
  std::string source_;
  std::unique_ptr<const FeatureTable> features_;
  std::vector<std::int32_t> labels_;
  Index class_count_;
  std::string hash_;
};

}  // namespace optex
