#pragma once

#include "optex/core/stopwatch.hpp"
#include "optex/driver/observer.hpp"
#include "optex/files/folder.hpp"
#include "optex/files/replacement_file.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace optex {

/// "finished" (a stop rule was met), "stopped" (on request, can go on) or "failed".
std::string status_of(const Outcome& outcome);

/// status.json, the authority on how a run is and how it ended. Replaced in one step: a reader sees a whole
/// one at any time. Renewed at most once a second while the run goes, and always at its end.
class StatusWriter : public Observer {
 public:
  /// `busy_seconds`: how long each rank has computed since the launch, rank 0 first; may be empty.
  explicit StatusWriter(files::Place file, std::function<std::vector<double>()> busy_seconds = {});

  /// A run of many short commands: that this process ends says nothing of the run, so the file names none.
  void between_calls() { names_process_ = false; }
  /// What the file of an earlier process says.
  void recall_rule(const std::string& rule) { progress_.rule = rule; }
  /// The file as the run stands now, not only once a second.
  void refresh(const RunState& run);

  void on_start(const RunState& run) override;
  void on_iteration(const RunState& run, const IterationReport& report) override;
  void on_end(const RunState& run, const Outcome& outcome) override;

  /// What is wrong with a run that goes on, and what helps: the last few of them stand in the file from now
  /// on.
  void note(const std::string& line);

  /// For a run that fails outside of its rounds: records the end with what was known last.
  void end(const Outcome& outcome);

  /// From any thread: how the run will have ended when its own thread gets no further, which may be about to
  /// be killed. What that thread writes later replaces it, and after an end it is too late: then nothing is
  /// written.
  void foretell(const Outcome& outcome);

 private:
  struct Progress {
    std::int64_t iteration = 0;
    std::int64_t evaluations = 0;
    double value = std::numeric_limits<double>::quiet_NaN();
    double best_value = std::numeric_limits<double>::quiet_NaN();
    double seconds = 0.0;
    double first_seconds = 0.0;  ///< at the launch
    std::string rule;            ///< the update rule that was chosen, and why
  };
  void follow(const RunState& run);
  void write(const Outcome* outcome);
  void replace(const Outcome* outcome, const std::vector<double>& busy, files::Durability durability);

  files::Place file_;
  std::function<std::vector<double>()> busy_seconds_;
  std::string started_, start_id_, host_;
  std::mutex mutex_;  ///< for what follows
  Progress progress_;
  std::vector<std::string> diagnosis_;
  bool ended_ = false;
  bool names_process_ = true;
  Stopwatch since_write_;
};

}  // namespace optex
