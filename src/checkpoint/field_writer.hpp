#pragma once

#include "optex/estimation/gradient_history.hpp"
#include "optex/hdf5/file.hpp"

#include <concepts>
#include <cstdint>
#include <string>

#include "payload_hash.hpp"

namespace optex {

/// Writes every field it visits and hashes it on the way.
class FieldWriter {
 public:
  FieldWriter(hdf5::File& file, PayloadHash hash) : file_(file), hash_(std::move(hash)) {}

  template <std::signed_integral Integer>
  void operator()(const std::string& path, const Integer& value) {
    write(path, std::int64_t{value});
  }
  void operator()(const std::string& path, const double& value);
  void operator()(const std::string& path, const std::string& text);
  void operator()(const std::string& path, const Vector& values);
  /// Column by column: a dataset with one row for each column, which keeps its d numbers together.
  void operator()(const std::string& path, const Matrix& values);
  /// Row by row; at no time is there a second copy of the history.
  void operator()(const std::string& path, const GradientHistory& history);

  bool is_there(const std::string&, bool has_content) const { return has_content; }

  std::string payload_hash() const { return hash_.digits(); }

 private:
  void write(const std::string& path, std::int64_t value);
  void write_integers(const std::string& path, const std::vector<std::int64_t>& values);
  template <typename Row>
  void write_rows(const std::string& path, Index rows, Index columns, bool single, Row row);

  hdf5::File& file_;
  PayloadHash hash_;
};

}  // namespace optex
