#pragma once

#include "optex/driver/observer.hpp"
#include "optex/driver/rounds.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optex {

/// What somebody outside (a signal, a batch system, a caller) wants of a running run.
enum class Interruption { none, checkpoint, checkpoint_and_stop, stop, out_of_time };

struct DriverOptions {
  Rounds::Options rounds = {};
  std::vector<Observer*> observers = {};
  std::function<Interruption()> interruption = {};  ///< asked between rounds
  /// Measures the quality of the answer at the end of a run that met a stop rule, and after every
  /// `quality_every` rounds (0: at the end only). No gradients are counted for it. Rounds measure what the
  /// method would answer without another evaluation: its average, the best point where it works about that,
  /// or the iterate.
  Assess assess = {};
  std::int64_t quality_every = 0;
  /// Asked when a signal has ended the run: what was behind it when it was no wish (a rank has died, and its
  /// launcher ends the others). That is then the error with which the run ends.
  std::function<std::optional<std::string>()> cause = {};
  bool keeps_trace = false;  ///< of all rounds for Outcome::trace
};

/// The loop: rounds until a rule says stop. An evaluator that throws RoundInterrupted ends the run within
/// one: what it had finished is kept in RunState for the next start.
class Driver {
 public:
  Driver(Method& method, Evaluator& evaluator, DriverOptions options)
      : rounds_(method, evaluator, options.rounds), options_(std::move(options)) {}

  /// Runs from `run` on and leaves the last state in it. Errors of a round end the run with its exit code and
  /// the state of the last good round; they reach the observers through on_end, then the caller as Outcome.
  /// An observer that fails in on_end turns a success into its error; the others still hear of the end. So
  /// they do of any exception that is no optex::Error, which is then thrown on.
  Outcome run(RunState& run);

  /// Why no round follows this state; nothing when one does.
  std::optional<Ending> ending(const RunState& run) const { return rounds_.ending(run); }

 private:
  Outcome loop(RunState& run);
  std::vector<Measure> quality_of(const RunState& run);
  void warn(const std::string& text);
  void answer(const RunState& run, Outcome& outcome);

  Rounds rounds_;
  DriverOptions options_;
  std::string last_warning_;
  std::vector<TracePoint> trace_;  ///< of all calls of run()
};

/// What a run has cost so far.
void count_work(const RunState& run, Outcome& outcome);

/// First cause wins: makes of an end by a signal the failure that was behind it.
void blame(Outcome& outcome, const std::string& cause);

}  // namespace optex
