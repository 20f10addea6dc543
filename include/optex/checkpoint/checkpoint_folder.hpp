#pragma once

#include "optex/checkpoint/checkpoint.hpp"

#include <filesystem>
#include <optional>
#include <set>
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
  explicit CheckpointFolder(files::Place place) : place_(std::move(place)) {}

  std::filesystem::path path() const { return place_.path(); }
  std::filesystem::path file(std::int64_t iteration) const;

  /// Iterations that there are files for, ascending. No folder, no files.
  std::vector<std::int64_t> iterations() const;
  /// The iterate of one of them, as it stands there: nothing else is checked. Throws IoError.
  Vector theta(std::int64_t iteration) const;

  /// Makes the folder and removes what a killed writer left. Throws IoError when its place is taken by a link
  /// or a file: nothing is written through links, however often they are swapped in.
  void prepare() const;

  /// Writes the checkpoint of run.iteration, see save_checkpoint(). Then removes those of `own` that are not
  /// among its `keep` newest (at least 1: never the one just written), and those beyond the new one: they are
  /// damaged, or belong to a future that a resume has given up. What is not in `own` was put there by
  /// somebody else, and stays. `own` gains the new one and loses what is removed.
  void save(const RunState& run, const RunDescription& description, std::set<std::int64_t>& own,
            std::int64_t keep, CoordinateSlices* slices = nullptr) const;

  /// The newest checkpoint that can be used, nothing when there are none. Throws CheckpointError when there
  /// are some but none is whole, or when the newest whole one belongs to another problem or configuration;
  /// and IoError when one cannot be read just now: an older one in its place would cost rounds for nothing.
  std::optional<FoundCheckpoint> load_newest(const Expectation& expected) const;

  /// The same without what is long in the state. For load_checkpoint() with slices.
  std::optional<FoundCheckpoint> find_newest(const Expectation& expected) const;

  /// That of one round, without what is long; nothing when there is none that can be used.
  std::optional<RunState> examine(std::int64_t iteration, const std::function<Expectation()>& expected) const;

 private:
  template <class Read>
  std::optional<FoundCheckpoint> newest(Read read) const;

  files::Place place_;  ///< of the folder, opened anew for every use
};

}  // namespace optex
