#pragma once

#include "optex/core/types.hpp"
#include "optex/hdf5/handle.hpp"

#include <cstdint>
#include <string>

namespace optex::hdf5 {

/// A 1-D or 2-D dataset of numbers in an open file, read or written by rows. Must not outlive its File.
class Dataset {
 public:
  /// `name` ("FILE.h5:/history/theta") stands in every error. `chunk`: bytes that are read at once, if only
  /// one number of them is wanted. Made by File.
  Dataset(std::string name, Handle id, std::uintmax_t chunk = 0);

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
  Handle id_;
  std::uintmax_t chunk_;
  int rank_ = 0;
  Index rows_ = 0, columns_ = 0;
};

}  // namespace optex::hdf5
