#pragma once

#include "optex/driver/observer.hpp"
#include "optex/driver/stopping.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optex {

/// What somebody outside (a signal, a batch system, a caller) wants of a running run.
enum class Interruption { none, checkpoint, checkpoint_and_stop, stop, out_of_time };

/// The loop: rounds until a rule says stop. Asks `interruption` between rounds. An evaluator that throws
/// RoundInterrupted ends the run within one: what it had finished is kept in RunState for the next start.
class Driver {
 public:
  /// `assess` measures the quality of the answer at the end of a run that met a stop rule, and after every
  /// `quality_every` rounds (0: at the end only); may be empty. No gradients are counted for it. Rounds
  /// measure what the method would answer without another evaluation: its average, the best point where it
  /// keeps one, or the iterate.
  ///
  /// `advance` makes the objective's state that of the next round (Objective::advance()); called when the run
  /// has one.
  ///
  /// `whole` makes a vector of which RunState holds a part what the evaluator, `assess`, `advance` and the
  /// observers know; may be empty.
  Driver(Method& method, Evaluator& evaluator, StopRules rules, std::vector<Observer*> observers,
         std::function<Interruption()> interruption = {},
         std::function<std::vector<Measure>(ConstVectorRef)> assess = {}, std::int64_t quality_every = 0,
         std::function<void(ConstVectorRef, Vector&)> advance = {},
         std::function<Vector(const Vector&)> whole = {});

  /// Asked when a signal has ended the run: what was behind it when it was no wish (a rank has died, and its
  /// launcher ends the others). That is then the error with which the run ends.
  void ask_about_signals(std::function<std::optional<std::string>()> cause) { cause_ = std::move(cause); }

  /// Runs from `run` on and leaves the last state in it. Errors of a round end the run with its exit code and
  /// the state of the last good round; they reach the observers through on_end, then the caller as Outcome.
  /// An observer that fails in on_end turns a success into its error; the others still hear of the end.
  Outcome run(RunState& run);

 private:
  Outcome loop(RunState& run);
  void conclude(const RunState& run, Outcome& outcome);
  double exact_value(ConstVectorRef theta);
  Vector whole(const Vector& vector) const { return whole_ ? whole_(vector) : vector; }

  Method& method_;
  Evaluator& evaluator_;
  StopRules rules_;
  std::vector<Observer*> observers_;
  std::function<Interruption()> interruption_;
  std::function<std::vector<Measure>(ConstVectorRef)> assess_;
  std::int64_t quality_every_;
  std::function<void(ConstVectorRef, Vector&)> advance_;
  std::function<Vector(const Vector&)> whole_;
  std::function<std::optional<std::string>()> cause_;
};

/// First cause wins: makes of an end by a signal the failure that was behind it.
void blame(Outcome& outcome, const std::string& cause);

}  // namespace optex
