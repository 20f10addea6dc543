#include "kept_rows.hpp"

#include "optex/data/dense_features.hpp"
#include "optex/data/sparse_features.hpp"

#include <utility>

namespace optex {

TableHash::TableHash(bool is_sparse) : is_sparse_(is_sparse) {
  // Dense tables have one start and no columns; both are part of what was hashed first.
  (is_sparse_ ? starts_ : values_).add(std::span(&end_, 1));
}

void TableHash::add(std::span<const double> values, std::span<const std::int32_t> columns) {
  values_.add(values);
  if (!is_sparse_) return;
  columns_.add(columns);
  end_ += values.size();
  starts_.add(std::span(&end_, 1));
}

std::string TableHash::finish(std::span<const std::int32_t> classes) {
  if (!is_sparse_) {
    values_.add(classes);
    return values_.text();
  }
  ContentHasher labels, all;
  labels.add(classes);
  for (const ContentHasher* part : {&starts_, &columns_, &values_, &labels}) all.add(part->text());
  return all.text();
}

void KeptRows::add(const RawRow& row) {
  values.insert(values.end(), row.values.begin(), row.values.end());
  if (!is_sparse) return;
  columns.insert(columns.end(), row.columns.begin(), row.columns.end());
  starts.push_back(values.size());
}

std::unique_ptr<const FeatureTable> KeptRows::to_features(Index width, Index first_sample) && {
  if (is_sparse)
    return std::make_unique<SparseFeatures>(std::move(starts), std::move(columns), std::move(values), width,
                                            first_sample);
  return std::make_unique<DenseFeatures>(std::move(values), width, first_sample);
}

double KeptRows::bytes_of(const RawRow& row, bool is_sparse) {
  const double numbers = static_cast<double>(row.values.size());
  return 4.0 + (is_sparse ? 8.0 + 12.0 * numbers : 8.0 * numbers);
}

}  // namespace optex
