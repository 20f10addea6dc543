#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/estimation/gradient_history.hpp"
#include "optex/hdf5/file.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "payload_hash.hpp"

namespace optex {

/// Reads every field it visits and hashes it as FieldWriter did.
class FieldReader {
 public:
  /// A history is rebuilt only when the capacity it must have is given; otherwise its rows are hashed and
  /// dropped.
  /// With slices long fields are dealt out to all ranks, row by row, while the others are in
  /// receive_slices().
  FieldReader(const hdf5::File& file, PayloadHash hash, std::optional<Index> history_capacity,
              CoordinateSlices* slices = nullptr)
      : file_(file), hash_(std::move(hash)), history_capacity_(history_capacity), slices_(slices) {}

  template <std::signed_integral Integer>
  void operator()(const std::string& path, Integer& value) {
    value = static_cast<Integer>(read_integer(path));
  }
  void operator()(const std::string& path, double& value);
  void operator()(const std::string& path, std::string& text);
  void operator()(const std::string& path, Vector& values);
  void operator()(const std::string& path, Matrix& values);
  void operator()(const std::string& path, std::vector<Vector>& rows);
  void operator()(const std::string& path, GradientHistory& history);

  bool is_there(const std::string& path, bool) const;

  std::string payload_hash() const { return hash_.digits(); }

 private:
  template <typename Take>
  void read_rows(const std::string& path, const hdf5::Dataset& dataset, Take take);
  std::int64_t read_integer(const std::string& path);
  std::vector<std::int64_t> read_integers(const std::string& path);

  const hdf5::File& file_;
  PayloadHash hash_;
  std::optional<Index> history_capacity_;
  CoordinateSlices* slices_;
};

}  // namespace optex
