#pragma once

#include "optex/driver/outcome.hpp"
#include "optex/methods/iteration_report.hpp"
#include "optex/methods/run_state.hpp"

#include <string>

namespace optex {

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
  /// Something that does not end the run went wrong.
  virtual void on_warning(const std::string& text) { (void)text; }
  virtual void on_end(const RunState& run, const Outcome& outcome) {
    (void)run;
    (void)outcome;
  }
};

}  // namespace optex
