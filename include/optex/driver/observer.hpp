#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/objective.hpp"
#include "optex/methods/iteration_report.hpp"
#include "optex/methods/run_state.hpp"

#include <limits>
#include <string>
#include <vector>

namespace optex {

/// How a run ended.
struct Outcome {
  ExitCode code = ExitCode::success;
  std::string reason;  ///< the stop rule ("iterations", "value", ...), the method's own, "signal", or "error"
  std::string message;  ///< one line for people; empty when a rule was met
  Vector solution;      ///< the answer, d: the last iterate, or the best point where the method keeps it
  double final_value =
      std::numeric_limits<double>::quiet_NaN();  ///< exact F at the answer, all data, no noise
  std::vector<Measure> measures;                 ///< solution quality, as the problem reports it
};

/// Looks on while a run goes: writes metrics, checkpoints, progress. Observers are called in the order in
/// which they were given, on rank 0 only.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void on_start(const RunState& run) { (void)run; }
  /// After every round.
  virtual void on_iteration(const RunState& run, const IterationReport& report) {
    (void)run;
    (void)report;
  }
  /// A checkpoint is wanted now, whatever the schedule says.
  virtual void on_checkpoint(const RunState& run) { (void)run; }
  virtual void on_end(const RunState& run, const Outcome& outcome) {
    (void)run;
    (void)outcome;
  }
};

}  // namespace optex
