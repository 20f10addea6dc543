#pragma once

#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/driver/observer.hpp"

#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <set>
#include <string>

namespace optex {

/// When to write a checkpoint: whichever comes first of the rules that are set.
struct CheckpointSchedule {
  std::optional<std::int64_t> iterations;  ///< every so many rounds, at multiples of it
  std::optional<double> seconds;           ///< when this much time has passed since the last one
  std::int64_t keep = 3;                   ///< how many files stay, at least 1
  bool in_background = false;  ///< those that are due by the rules are written beside the next round
};

/// Writes checkpoints while a run goes: by the schedule, on demand, and at the end. In the background the
/// state must not change between on_iteration() and finish(): see AwaitingEvaluator.
class CheckpointWriter : public Observer {
 public:
  /// `written` hears of every file that is complete (for the event log). `before` is called before each is
  /// begun, by the thread that writes it: what a resumed run needs besides must be on disk by then.
  /// `slices`: of a state that the ranks hold together; not to be written in the background.
  CheckpointWriter(
      CheckpointFolder folder, RunDescription run, CheckpointSchedule schedule,
      std::function<void(std::int64_t iteration, const std::filesystem::path& file)> written = {},
      std::function<void()> before = {}, CoordinateSlices* slices = nullptr);

  /// Prepares the folder, so that a place that cannot be written is found before the first round.
  void on_start(const RunState& run) override;
  void on_iteration(const RunState& run, const IterationReport& report) override;
  void on_checkpoint(const RunState& run) override;
  /// Saves the last state unless that is done, or the run failed before its first round, or the disk has
  /// just refused it.
  void on_end(const RunState& run, const Outcome& outcome) override;

  /// Waits for a file that is being written in the background. Throws what writing it threw.
  void finish();

  /// Seconds spent writing, or waiting for it, since the last round ended; 0 when nothing was written.
  /// Belongs into the report of the next round.
  double last_seconds() const { return last_seconds_; }
  /// The iteration of the newest complete file.
  std::optional<std::int64_t> saved_iteration() const { return saved_iteration_; }

 private:
  void save(const RunState& run);
  void start(const RunState& run);
  void write(const RunState& run);
  void conclude(std::int64_t iteration);

  CheckpointFolder folder_;
  RunDescription run_;
  CheckpointSchedule schedule_;
  std::function<void(std::int64_t, const std::filesystem::path&)> written_;
  std::function<void()> before_;
  CoordinateSlices* slices_;
  std::set<std::int64_t> own_;  ///< rounds of the files that were there at the start or written since
  std::optional<std::int64_t> saved_iteration_;
  Stopwatch since_last_;
  double last_seconds_ = 0.0;
  bool failed_ = false;
  std::int64_t pending_iteration_ = 0;
  std::future<void> pending_;  ///< last, so that it is waited for before anything else goes
};

}  // namespace optex
