#pragma once

#include "optex/checkpoint/checkpoint.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// The newest usable checkpoint of a folder.
struct FoundCheckpoint {
  Checkpoint checkpoint;
  std::filesystem::path file;
  /// One line for every newer file that could not be used, newest first; to be said aloud.
  std::vector<std::string> warnings;
};

/// A folder of files "iteration-000120.h5", one run's checkpoints.
class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(std::int64_t iteration) const;

  /// Iterations that there are files for, ascending. No folder, no files.
  std::vector<std::int64_t> iterations() const;

  /// Makes the folder and removes what a killed writer left. Throws IoError when its place is taken by a link
  /// or a file: nothing is written through links.
  void prepare() const;

  /// The newest checkpoint that can be used, nothing when there are none. Throws CheckpointError when there
  /// are some but none is whole, or when the newest whole one belongs to another problem or configuration.
  std::optional<FoundCheckpoint> load_newest(const Expectation& expected) const;

  /// The same without what is long in the state. For load_checkpoint() with slices.
  std::optional<FoundCheckpoint> find_newest(const Expectation& expected) const;

  /// Keeps the `keep` newest up to `newest` and removes the other ones. Those beyond `newest` go as well:
  /// they are damaged, or belong to a future that a resume has given up.
  void prune(std::int64_t newest, int keep) const;

 private:
  template <class Read>
  std::optional<FoundCheckpoint> newest(Read read) const;

  std::filesystem::path path_;
};

}  // namespace optex
