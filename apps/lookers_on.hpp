#pragma once

#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/checkpoint/checkpoint_writer.hpp"
#include "optex/core/coordinate_slices.hpp"
#include "optex/monitor/console.hpp"
#include "optex/monitor/diagnosis.hpp"
#include "optex/monitor/event_log.hpp"
#include "optex/monitor/metrics_writer.hpp"
#include "optex/monitor/run_folder.hpp"
#include "optex/monitor/slow_rank.hpp"
#include "optex/monitor/status_writer.hpp"
#include "optex/setup/assemble.hpp"

#include <functional>
#include <string>
#include <vector>

#include "ranks.hpp"
#include "results_writer.hpp"

namespace optex::app {

/// What they look at; all of it outlives them.
struct LookedAt {
  const Config& config;
  const Problem& problem;
  Ranks& ranks;
  const RunFolder& folder;
  Console& console;
  EventLog& events;
  const Vector& start;           ///< of the run; empty when it is not known
  const FoundCheckpoint* found;  ///< from which the run goes on; null: from the start
  std::function<void(const std::string&)> warn;
  std::function<Expectation()> expectation;  ///< of checkpoints
};

/// Everybody who hears of a run's rounds, each with its file in the run's folder.
class LookersOn {
 public:
  explicit LookersOn(const LookedAt& run);

  /// In the order in which they hear: what is durable first.
  std::vector<Observer*> all();
  CheckpointWriter& checkpoints() { return checkpoints_; }
  /// The run ends within a round, with the process: what is left to be told, the status first. Throws
  /// nothing: no one of them keeps the others from it.
  void end_early(const RunState& state, const Outcome& early);
  /// From any thread: how it will have ended when nothing more is heard of it. Throws nothing.
  void foretell(const Outcome& end);

 private:
  /// Said aloud, and kept.
  void diagnose(const std::string& line);

  Console& console_;
  EventLog& events_;
  MetricsWriter metrics_;
  CheckpointWriter checkpoints_;
  ResultsWriter results_;
  StatusWriter status_;
  Diagnosis diagnosis_;
  SlowRank slow_rank_;
};

}  // namespace optex::app
