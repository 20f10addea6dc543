#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/estimation/gradient_history.hpp"
#include "optex/hdf5/file.hpp"

#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "payload_hash.hpp"

namespace optex {

/// Writes every field it visits and hashes it on the way.
class FieldWriter {
 public:
  /// With slices long fields are put together from those of all ranks, row by row, while the others are in
  /// send_slices(). What goes wrong with the file then waits for finish(): the others' rows must be taken.
  FieldWriter(hdf5::File& file, PayloadHash hash, CoordinateSlices* slices = nullptr)
      : file_(file), hash_(std::move(hash)), slices_(slices) {}

  template <std::signed_integral Integer>
  void operator()(const std::string& path, const Integer& value) {
    write(path, std::int64_t{value});
  }
  void operator()(const std::string& path, const double& value);
  void operator()(const std::string& path, const std::string& text);
  void operator()(const std::string& path, const Vector& values);
  /// Column by column: a dataset with one row for each column, which keeps its d numbers together.
  void operator()(const std::string& path, const Matrix& values);
  /// As the matrix that has these columns.
  void operator()(const std::string& path, const std::vector<Vector>& rows);
  /// Row by row; at no time is there a second copy of the history.
  void operator()(const std::string& path, const GradientHistory& history);

  bool is_there(const std::string&, bool has_content) const { return has_content; }

  std::string payload_hash() const { return hash_.digits(); }
  /// Throws the IoError that was kept back.
  void finish() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void write(const std::string& path, std::int64_t value);
  void write_integers(const std::string& path, const std::vector<std::int64_t>& values);
  template <typename Use>
  void on_file(Use use);
  void write_long(const std::string& path, const Vector& values);
  template <typename Column>
  void write_columns(const std::string& path, Index count, Index length, Column column);
  template <typename Row>
  void write_rows(const std::string& path, Index rows, Index columns, bool single, Row row);

  hdf5::File& file_;
  PayloadHash hash_;
  CoordinateSlices* slices_;
  std::exception_ptr failure_;
};

}  // namespace optex
