#pragma once

#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/driver/driver.hpp"
#include "optex/evaluation/remembering_evaluator.hpp"
#include "optex/monitor/console.hpp"
#include "optex/monitor/event_log.hpp"
#include "optex/monitor/words_of_dead_ranks.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "experiment.hpp"
#include "lookers_on.hpp"
#include "run_start.hpp"
#include "stopping_early.hpp"

namespace optex::app {

/// Rank 0's run in its folder, from before the first round to the end.
class Conductor {
 public:
  /// Opens the folder, finds the checkpoint to go on from and writes what the run is made of: its
  /// configuration and its provenance. Throws when something refuses the run; then nothing of an earlier one
  /// is overwritten.
  Conductor(const Experiment& experiment, const GivenConfig& given, const Problem& problem, Ranks& ranks,
            RunStart start, const std::vector<std::string>& arithmetic);

  /// All rounds that are left. Returns the exit code; throws StallError when a rank is silent.
  int run(Evaluator& evaluator);

  /// A rank was left behind, and the run goes on.
  void lose(int rank, const std::string& text);

 private:
  void find_checkpoint(const std::string& arithmetic);
  std::vector<FinishedPoint> finished_points();
  StopRules rules() const;
  DriverOptions driving(LookersOn& lookers_on);
  void fail_early(LookersOn& lookers_on, const RunState& state, ExitCode code, const std::string& message);
  void save_early(LookersOn& lookers_on, const RunState& state);
  void foretell_end(LookersOn& lookers_on) const;
  int conclude(const RunState& state, const Outcome& outcome, const RememberingEvaluator& remembering);
  void warn(const std::string& text);
  /// Of a signal: the rank whose death made the launcher send it.
  std::optional<std::string> why_signalled() const;
  Expectation expectation() const;
  std::string round_hash() const;

  const Config& config_;
  const Problem& problem_;
  Ranks& ranks_;
  RunFolder folder_;
  const WordsOfDeadRanks dead_elsewhere_;
  Console console_;
  EventLog events_;
  RunStart start_;
  std::vector<std::string> accepted_;     ///< keys whose content was not compared with that of the run
  std::optional<FoundCheckpoint> found_;  ///< to go on from, until the run begins
  mutable std::mutex lost_mutex_;         ///< for lost_: a thread looks on
  std::vector<std::string> lost_;         ///< what was said of each rank that was left behind
  bool over_ = false;                     ///< everything is written: nobody is owed anything
};

}  // namespace optex::app
