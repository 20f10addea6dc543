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

/// Labelled samples for classification: features and one class number a sample. Immutable. A rank may keep a
/// part of the samples only; they keep their numbers, and all counts are those of the whole set.
class Dataset {
 public:
  /// labels: one for each sample of `features`, each in 0 .. classes-1. `source` names the data in every
  /// message. samples: of the whole set, when this is a rank's part of it; -1 for a whole set. Throws IoError
  /// when there are no samples, fewer than two classes, counts that differ or a label out of range.
  Dataset(std::string source, std::unique_ptr<const FeatureTable> features, std::vector<std::int32_t> labels,
          Index classes, std::string hash, Index samples = -1);

  Index sample_count() const { return sample_count_; }
  /// False for a rank's part, even if that is all of it: what depends on this must not depend on how many
  /// ranks there are.
  bool is_whole() const { return is_whole_; }
  Index feature_count() const { return features_->feature_count(); }
  Index class_count() const { return class_count_; }
  const FeatureTable& features() const { return *features_; }
  /// One class number, in 0 .. class_count()-1, for each sample that is here.
  const std::vector<std::int32_t>& labels() const { return labels_; }
  /// Of a sample that is here.
  std::int32_t label(Index sample) const {
    return labels_[static_cast<std::size_t>(sample - features_->first_sample())];
  }

  DataDescription describe() const;
  /// Memory that features and labels take.
  double bytes() const { return features_->bytes() + 4.0 * static_cast<double>(labels_.size()); }

 private:
  std::string source_;
  std::unique_ptr<const FeatureTable> features_;
  std::vector<std::int32_t> labels_;
  Index class_count_;
  std::string hash_;
  Index sample_count_;
  bool is_whole_;
};

}  // namespace optex
