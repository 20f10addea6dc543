#pragma once

#include "optex/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace optex {

/// Labelled samples as a file holds them, before the labels become classes. Features of the first samples
/// only when a limit was given; labels of all.
struct RawTable {
  std::string source;
  Index features = 0;  ///< columns; sparse: the largest index
  bool is_sparse = false;
  std::vector<double> values;             ///< dense: sample by sample; sparse: the numbers that are given
  std::vector<std::int32_t> columns;      ///< sparse: where each of `values` belongs, from 0
  std::vector<std::size_t> starts = {0};  ///< sparse: values of sample i are [starts[i], starts[i + 1])
  std::vector<std::int64_t> labels;
  std::vector<std::int64_t> lines;  ///< of each sample, from 1; rows of an HDF5 file from 0

  Index samples_kept() const;
  /// Where sample i stands, for messages: "FILE:LINE".
  std::string place(std::size_t sample) const;
};

enum class LabelColumn { first, last };

/// A table of numbers with commas, semicolons or tabs between them (whichever the first line has), plain or
/// gzip; one column holds the labels, integers. A first line without any number is a header. Blank lines are
/// skipped. limit: features of so many samples are kept, 0: all; all lines are checked.
///
/// Throws IoError with file, line and remedy: a line with another number of fields, an empty field, what is
/// no finite number, a label that is no integer, no samples, other encodings than ASCII and UTF-8.
RawTable read_csv(const std::filesystem::path& path, LabelColumn label_column, Index limit = 0);

/// LIBSVM's sparse format, plain or gzip: `label index:value index:value ... # comment`, indices from 1,
/// ascending. Throws IoError as read_csv().
RawTable read_libsvm(const std::filesystem::path& path, Index limit = 0);

/// An HDF5 file with a table of features (samples x features, or one number a sample) and one label a sample.
/// Throws IoError when a dataset is missing or they do not fit together, and for numbers that are not finite.
RawTable read_hdf5_table(const std::filesystem::path& path, const std::string& features,
                         const std::string& labels, Index limit = 0);

}  // namespace optex
