#pragma once

#include "optex/files/folder.hpp"

#include <filesystem>
#include <optional>
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
/// It is opened once, and all its files are reached from there: links inside are never followed (one in the
/// place of a file is replaced, one in the place of a folder is an error), and when the folder is removed or
/// another run takes it over, nothing more is written into it.
class RunFolder {
 public:
  /// Makes the folder and its parents, or takes the one that is there as `if_exists` says. A folder that does
  /// not exist can be resumed too: it is made. Throws OutputExistsError, or IoError when another process runs
  /// in it.
  RunFolder(std::filesystem::path path, IfExists if_exists);

  const std::filesystem::path& path() const { return path_; }
  const files::Folder& opened() const { return *folder_; }
  /// True when the folder was there before.
  bool existed() const { return existed_; }
  /// Lines to be said aloud, such as a file system without locks.
  const std::vector<std::string>& warnings() const { return warnings_; }

  files::Place config_file() const { return {*folder_, "config.toml"}; }
  files::Place resolved_file() const { return {*folder_, "resolved.toml"}; }
  files::Place provenance_file() const { return {*folder_, "provenance.json"}; }
  files::Place status_file() const { return {*folder_, "status.json"}; }
  files::Place metrics_file() const { return {*folder_, "metrics.jsonl"}; }
  files::Place events_file() const { return {*folder_, "events.jsonl"}; }
  files::Place results_file() const { return {*folder_, "results.h5"}; }
  files::Place unfinished_file() const { return {*folder_, "unfinished-round.h5"}; }
  /// What `optex compare` leaves: its findings, and every run as it is finished.
  files::Place comparison_file() const { return {*folder_, "compare.json"}; }
  files::Place comparison_table() const { return {*folder_, "compare.csv"}; }
  files::Place comparison_runs() const { return {*folder_, "compare-runs.jsonl"}; }
  files::Place checkpoints() const { return {*folder_, "checkpoints"}; }

  /// config.toml as the user gave it and resolved.toml, which can be run again.
  void write_config(std::string_view given, std::string_view resolved) const;

 private:
  void take_existing(IfExists if_exists);
  void lock();
  void clear() const;

  std::filesystem::path path_;
  bool existed_ = false;
  std::optional<files::Folder> folder_;
  std::optional<files::Descriptor> lock_;
  std::vector<std::string> warnings_;
};

/// A run's folder as a rank sees it that does not hold it: no longer the run's when its lock is another one
/// than now. Nothing where it cannot be opened: not every rank need see it.
std::optional<files::Folder> folder_seen_by_rank(const std::filesystem::path& path);

/// errors/rank-0003.txt in a run's folder: the last words of one rank. Any rank may call it, also while
/// another one holds the folder. Throws IoError.
void write_rank_error(const files::Folder& run_folder, int rank, std::string_view text);

}  // namespace optex
