#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <string>

namespace optex::hdf5 {

/// A 1-D or 2-D dataset of numbers in an open file, read or written by rows. Must not outlive its File.
class Dataset {
 public:
  /// Takes over the handle `id`; `name` ("FILE.h5:/history/theta") stands in every error. `chunk`: bytes that
  /// are read at once, if only one number of them is wanted. Made by File.
  Dataset(std::string name, std::int64_t id, std::uintmax_t chunk = 0);
  Dataset(Dataset&& other) noexcept;
  Dataset& operator=(Dataset&& other) noexcept;
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;
  ~Dataset();

  const std::string& name() const { return name_; }
  /// 1 or 2.
  int rank() const { return rank_; }
  Index rows() const { return rows_; }
  /// Numbers a row; 1 when the rank is 1.
  Index columns() const { return columns_; }

  /// Length `columns()`.
  void write_row(Index row, ConstVectorRef values);
  /// Fills `values` of length `columns()`.
  void read_row(Index row, VectorRef values) const;
  /// `count` whole rows from `first` on, row after row; `values` has room for count * columns() numbers.
  /// Integers in the file arrive as doubles.
  void read_rows(Index first, Index count, double* values) const;

  /// Checks the write of the last rows, which HDF5 may hold back until now.
  void close();

 private:
  std::string name_;
  std::int64_t id_ = -1;  // hid_t
  std::uintmax_t chunk_ = 0;
  int rank_ = 0;
  Index rows_ = 0, columns_ = 0;
};

}  // namespace optex::hdf5
