#pragma once

#include "optex/data/features.hpp"
#include "optex/files/content_hash.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "row_source.hpp"
#include "scaling.hpp"

namespace optex {

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
