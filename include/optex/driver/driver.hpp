#pragma once

#include <functional>
#include <vector>

#include "optex/driver/observer.hpp"
#include "optex/driver/stopping.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"

namespace optex {

/// What somebody outside (a signal, a batch system, a caller) wants of a running run.
enum class Interruption { none, checkpoint, checkpoint_and_stop, stop };

/// The loop: rounds until a rule says stop. Asks `interruption` between rounds.
class Driver {
 public:
  Driver(Method& method, Evaluator& evaluator, StopRules rules, std::vector<Observer*> observers,
         std::function<Interruption()> interruption = {});

  /// Runs from `run` on and leaves the last state in it. Errors of a round end the run with its exit code and
  /// the state of the last good round; they reach the observers through on_end, then the caller as Outcome.
  Outcome run(RunState& run);

 private:
  Outcome loop(RunState& run);
  double exact_value(const RunState& run);

  Method& method_;
  Evaluator& evaluator_;
  StopRules rules_;
  std::vector<Observer*> observers_;
  std::function<Interruption()> interruption_;
};

}  // namespace optex
