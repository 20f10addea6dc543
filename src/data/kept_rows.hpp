#pragma once

#include "optex/data/content_hash.hpp"
#include "optex/data/features.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "row_source.hpp"

namespace optex {

/// Mean and deviation of each feature; empty where features stay as they are.
struct Scaling {
  std::vector<double> mean, deviation;

  bool none() const { return mean.empty(); }
  /// One sample, in place.
  void apply(std::span<double> values) const;
};

/// Adds up mean, then deviation, in the order of the samples: the same digits whoever goes through them.
class ScalingSum {
 public:
  explicit ScalingSum(Index features);
  void add_to_mean(std::span<const double> values);
  void add_to_deviation(std::span<const double> values);  ///< after end_of_means()
  void end_of_means();
  Scaling finish();

 private:
  Scaling scaling_;
  double samples_ = 0.0;
};

/// The hash of a table: of dense ones that of all numbers, then all class numbers; of sparse ones that of the
/// hashes of starts, columns, values and class numbers.
class TableHash {
 public:
  explicit TableHash(bool is_sparse);
  void add(std::span<const double> values, std::span<const std::int32_t> columns);
  std::string finish(std::span<const std::int32_t> classes);

 private:
  bool is_sparse_;
  std::size_t end_ = 0;
  ContentHasher values_, starts_, columns_;
};

/// The features of rows that stay in memory.
struct KeptRows {
  bool is_sparse = false;
  std::vector<double> values = {};         ///< dense: sample by sample; sparse: the numbers that are given
  std::vector<std::int32_t> columns = {};  ///< sparse: where each of `values` belongs, from 0
  std::vector<std::size_t> starts = {0};   ///< sparse: values of sample i are [starts[i], starts[i + 1])

  void add(const RawRow& row);
  std::unique_ptr<const FeatureTable> to_features(Index width, Index first_sample) &&;
  /// That a row takes in memory once it is a feature table, its label included.
  static double bytes_of(const RawRow& row, bool is_sparse);
};

}  // namespace optex
