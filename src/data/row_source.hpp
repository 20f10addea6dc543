#pragma once

#include "optex/data/labelled_files.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace optex {

/// One sample as its file holds it; valid until the next one is asked for.
struct RawRow {
  std::int64_t label = 0;
  std::int64_t line = 0;                       ///< from 1; rows of an HDF5 file from 0
  std::span<const double> values = {};         ///< dense: all features; sparse: those that are not zero
  std::span<const std::int32_t> columns = {};  ///< sparse: where each of `values` belongs, from 0
};

/// The labelled samples of a file, one after the other. Memory: one line, or 1 MiB of an HDF5 table.
class RowSource {
 public:
  virtual ~RowSource() = default;

  /// False at the end of the file. Throws IoError with file, line and remedy for everything that is wrong
  /// with the row, and at the end when there was none.
  virtual bool next(RawRow& row) = 0;
  /// Goes past so many rows without looking at their numbers.
  virtual void skip(Index rows) = 0;

  /// Columns; of sparse files the largest index so far.
  virtual Index features() const = 0;
  virtual bool is_sparse() const { return false; }
};

/// A table of numbers with commas, semicolons, bars, tabs or blanks between them (whichever its lines have),
/// plain or compressed; one column holds the labels, integers. header: whether the first line holds names;
/// not set: a first line without any number does, and one of words and column numbers. A column without a
/// name in front of the others holds row numbers and is passed over, and so are blank lines and those that
/// begin with '#'. Refused: a first line that is 0, 1, 2, ..., which may be either; a line with another
/// number of fields, an empty field, what is no finite number, a label that is no integer, no samples, other
/// encodings than ASCII and UTF-8.
std::unique_ptr<RowSource> open_csv(const std::filesystem::path& path, LabelColumn label_column,
                                    std::optional<bool> header = {});

/// LIBSVM's sparse format, plain or compressed: `label index:value index:value ... # comment`, indices from
/// 1, ascending.
std::unique_ptr<RowSource> open_libsvm(const std::filesystem::path& path);

/// An HDF5 file with a table of features (samples x features, or one number a sample) and one label a sample.
/// limit: rows from there on (0: none) come with their label alone. Throws IoError when a dataset is missing
/// or they do not fit together.
std::unique_ptr<RowSource> open_hdf5_table(const std::filesystem::path& path, const std::string& features,
                                           const std::string& labels, Index limit);

/// The training or test file of `files`; limit as above.
std::unique_ptr<RowSource> open_rows(const LabelledFiles& files, const std::filesystem::path& path,
                                     Index limit);

}  // namespace optex
