#pragma once

#include "optex/hdf5/descriptor.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace optex {

/// What to do about a folder that is already there.
enum class IfExists {
  refuse,  ///< OutputExistsError
  resume,  ///< go on in it
  force,   ///< remove what an earlier run wrote into it, and nothing else
};

/// A run's folder, locked against a second process for as long as this object lives.
///
/// Links inside the folder are never followed for writing: a link in the place of a file is replaced, one in
/// the place of a folder is an error.
class RunFolder {
 public:
  /// Makes the folder and its parents, or takes the one that is there as `if_exists` says. A folder that does
  /// not exist can be resumed too: it is made. Throws OutputExistsError, or IoError when another process runs
  /// in it.
  RunFolder(std::filesystem::path path, IfExists if_exists);

  const std::filesystem::path& path() const { return path_; }
  /// True when the folder was there before.
  bool existed() const { return existed_; }
  /// Lines to be said aloud, such as a file system without locks.
  const std::vector<std::string>& warnings() const { return warnings_; }

  std::filesystem::path config_file() const { return path_ / "config.toml"; }
  std::filesystem::path resolved_file() const { return path_ / "resolved.toml"; }
  std::filesystem::path provenance_file() const { return path_ / "provenance.json"; }
  std::filesystem::path status_file() const { return path_ / "status.json"; }
  std::filesystem::path metrics_file() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path events_file() const { return path_ / "events.jsonl"; }
  std::filesystem::path results_file() const { return path_ / "results.h5"; }
  std::filesystem::path unfinished_file() const { return path_ / "unfinished-round.h5"; }
  /// What `optex compare` leaves: its findings, and every run as it is finished.
  std::filesystem::path comparison_file() const { return path_ / "compare.json"; }
  std::filesystem::path comparison_table() const { return path_ / "compare.csv"; }
  std::filesystem::path comparison_runs() const { return path_ / "compare-runs.jsonl"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }

  /// config.toml as the user gave it and resolved.toml, which can be run again.
  void write_config(std::string_view given, std::string_view resolved) const;

 private:
  void take_existing(IfExists if_exists);
  void lock();
  void clear() const;

  std::filesystem::path path_;
  bool existed_ = false;
  std::unique_ptr<hdf5::Descriptor> lock_;
  std::vector<std::string> warnings_;
};

/// errors/rank-0003.txt in a run's folder: the last words of one rank. Any rank may call it, also while
/// another one holds the folder. Throws IoError.
void write_rank_error(const std::filesystem::path& run_folder, int rank, std::string_view text);

}  // namespace optex
