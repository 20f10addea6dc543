#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/errors.hpp"
#include "optex/files/folder.hpp"
#include "optex/methods/run_state.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

/// One checkpoint: an HDF5 file with everything that a run needs to go on, bit for bit, on any number of
/// ranks. The layout is described in docs/checkpoint-format.md.
namespace optex {

inline constexpr const char* checkpoint_format = "optex-checkpoint";
inline constexpr std::int64_t checkpoint_version = 1;

/// What a run is, besides its state: the same in every checkpoint of a run.
struct RunDescription {
  std::string config;       ///< the resolved configuration, TOML
  std::string config_hash;  ///< equal for configurations that give the same numbers
  std::string optimizer;    ///< its name
  std::int64_t seed = 0;    ///< `run.seed`
  std::string random_scheme =
      "philox4x64-10";      ///< random numbers are functions of (seed, iteration, point, batch)
  std::string data_source;  ///< empty when the problem has no data
  std::string data_hash;
  std::int64_t data_shards = 0;
  std::int64_t data_samples = 0;
  /// Keys that stand for the content of a file, with its hash: lines "KEY = FILE HASH" or "KEY HASH". Those
  /// that begin with '#' are for Expectation::differences.
  std::string coordinate_files;
};

/// What a checkpoint must be to be continued here.
struct Expectation {
  Index dimension = 0;
  Index history_capacity = 0;
  std::string config_hash;
  /// Given the configuration stored in a checkpoint whose hash differs, and its coordinate_files: the
  /// differing keys, for people; empty when only files have been moved that still hold the same.
  std::function<std::string(const std::string& stored_config, const std::string& stored_files)> differences;
  std::string data_hash, coordinate_files;  ///< of what is here, as in RunDescription
  std::set<std::string> accepted;           ///< keys whose files may have another content
};

struct Checkpoint {
  RunState state;
  RunDescription run;
};

/// The attributes at the root.
struct CheckpointHeader {
  std::int64_t format_version = 0;
  std::int64_t iteration = 0;
  Index dimension = 0;
  std::string config_hash;
  std::string payload_hash;  ///< xxh3-128 over all fields, in the order of visit_fields
};

/// Writes the checkpoint; `file` is replaced in one step, and only when the new one is whole and on disk.
/// Memory: a few rows of d numbers. Throws IoError; then the old file is as it was and nothing else is left
/// behind.
/// With slices the ranks hold the state together: the others are called to send_slices() once the file has
/// been begun.
void save_checkpoint(const files::Place& file, const RunState& state, const RunDescription& run,
                     CoordinateSlices* slices = nullptr);

/// A damaged or foreign file: another one may do.
struct DamagedCheckpointError : CheckpointError {
  using CheckpointError::CheckpointError;
};

/// Reads, after proving that every byte is the one that was written. Throws DamagedCheckpointError when it
/// cannot be used at all, CheckpointError when it belongs to another problem or configuration, and
/// files::SystemError when the operating system refused: that says nothing about the file.
/// With slices, which must be in use, the others are called to receive_slices(), and what is returned is rank
/// 0's; the file should have been verified before, because they cannot go back.
Checkpoint load_checkpoint(const files::Place& file, const Expectation& expected,
                           CoordinateSlices* slices = nullptr);

/// Proves that load_checkpoint could read it, keeping nothing but a few rows in memory. Throws
/// DamagedCheckpointError; files::SystemError when the operating system would not let it be read.
CheckpointHeader verify_checkpoint(const files::Place& file);

/// The same with CheckpointError when it is not what is expected; returns it without what is long in the
/// state.
Checkpoint examine_checkpoint(const files::Place& file, const Expectation& expected);

}  // namespace optex
