#pragma once

#include "optex/methods/iteration_report.hpp"
#include "optex/methods/run_state.hpp"

#include <optional>
#include <string>

namespace optex {

/// Why a method has nothing left to do.
struct Ending {
  std::string reason;   ///< one word for status.json
  std::string message;  ///< one line for people
};

/// One way to spend a round of parallel gradients. Holds no state of its own between rounds: that is
/// RunState's.
class Method {
 public:
  virtual ~Method() = default;

  /// State before the first round at theta (length d).
  virtual RunState initial_state(ConstVectorRef theta) const = 0;

  /// One sequential iteration. Throws EvaluationError when the point that cannot be done without failed, and
  /// NumericalError when it is not finite; `run` is then as it was before the call.
  virtual IterationReport iterate(RunState& run) = 0;

  /// True when run.theta alone says where the next round begins, so that it may be set to another point.
  virtual bool theta_is_free(const RunState& run) const {
    (void)run;
    return true;
  }

  /// True when what this method would answer is the best evaluated point rather than the iterate, which may
  /// be far from it. Decides only what is measured between rounds: at the end the better one of them counts.
  virtual bool stands_at_best(const RunState& run) const {
    (void)run;
    return false;
  }

  /// Set when further rounds from this state would change nothing. Follows from the state alone.
  virtual std::optional<Ending> finished(const RunState& run) const {
    (void)run;
    return std::nullopt;
  }
};

}  // namespace optex
