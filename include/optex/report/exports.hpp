#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace optex {

/// What an export could not take along.
struct ExportLosses {
  std::size_t damaged_lines = 0;
  std::size_t lists = 0;  ///< columns of lists, which event files have no place for
};

/// The rounds of a run's folder as one table: a line of names, a line a round. Numbers of objects are named
/// with a dot (seconds_in.wait); a list is one cell with blanks between its numbers; what a round does not
/// have is empty. Replaces the file. Throws IoError.
ExportLosses export_csv(const std::filesystem::path& run, const std::filesystem::path& file);

/// One object: format, version, run, status, config (TOML), metrics (a list for each column, null for what a
/// round does not have).
ExportLosses export_json(const std::filesystem::path& run, const std::filesystem::path& file);

/// An event file in `folder`, made as needed, that TensorBoard reads: every number of every round by round.
/// Replaces the one that an earlier export wrote.
ExportLosses export_tensorboard(const std::filesystem::path& run, const std::filesystem::path& folder);

}  // namespace optex
