#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace optex {

class SparseFeatures;

/// The inputs of a data set, however they are stored: samples x features numbers that come out as doubles, a
/// few samples at a time. Immutable; may be read from several threads. A table may hold a part of a set: the
/// samples first_sample() .. first_sample() + sample_count() - 1, which keep the numbers that they have
/// there.
class FeatureTable {
 public:
  explicit FeatureTable(Index first_sample = 0) : first_sample_(first_sample) {}
  virtual ~FeatureTable() = default;

  Index first_sample() const { return first_sample_; }
  virtual Index sample_count() const = 0;  ///< samples that are here
  virtual Index feature_count() const = 0;

  /// Writes the features of samples[k] into column k. columns: features x samples.size().
  virtual void read(std::span<const Index> samples, Eigen::Ref<Matrix> columns) const = 0;
  /// Memory that they take.
  virtual double bytes() const = 0;
  /// These features when they are stored sparsely, else null.
  virtual const SparseFeatures* sparse() const { return nullptr; }

 protected:
  /// Where a sample of the set is stored. Throws Error (internal) when it is not here.
  Index place_of(Index sample) const {
    const Index place = sample - first_sample_;
    if (place < 0 || place >= sample_count()) refuse_absent(sample);
    return place;
  }

 private:
  [[noreturn]] void refuse_absent(Index sample) const;

  Index first_sample_;
};

/// Features that are bytes in the file and stay bytes in memory (60000 images of 784 pixels: 47 MB, not 376
/// MB); feature = byte * scale.
class ByteFeatures final : public FeatureTable {
 public:
  /// bytes: samples x features, one sample after the other; its length must be a multiple of `features` >= 1,
  /// or UsageError is thrown.
  ByteFeatures(std::vector<std::uint8_t> bytes, Index features, double scale, Index first_sample = 0);

  Index sample_count() const override { return sample_count_; }
  Index feature_count() const override { return feature_count_; }
  void read(std::span<const Index> samples, Eigen::Ref<Matrix> columns) const override;
  double bytes() const override { return static_cast<double>(bytes_.size()); }

 private:
  std::vector<std::uint8_t> bytes_;
  Index feature_count_;
  Index sample_count_ = 0;
  double scale_;
};

}  // namespace optex
