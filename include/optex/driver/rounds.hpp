#pragma once

#include "optex/driver/outcome.hpp"
#include "optex/driver/stopping.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace optex {

/// How good a solution is, in the problem's own terms. theta: d.
using Assess = std::function<std::vector<Measure>(ConstVectorRef)>;

/// A run without anybody who looks on: one round, what ends it, and the answer. All that go through a run do
/// it with this.
class Rounds {
 public:
  struct Options {
    StopRules rules = {};
    /// An end that somebody else wants.
    std::function<std::optional<Ending>(const RunState&)> ends = {};
    /// Makes the objective's state that of the next round (Objective::advance()); called when the run has
    /// one.
    std::function<void(ConstVectorRef, Vector&)> advance = {};
    /// Makes a vector of which RunState holds a part what the evaluator, `assess` and `advance` know.
    std::function<Vector(const Vector&)> whole = {};
  };

  /// Method and evaluator must outlive this object.
  Rounds(Method& method, Evaluator& evaluator, Options options);

  /// Before the first round of this process.
  void begin(const RunState& run);
  /// Why no round follows this state; nothing when one does. Follows from the state alone, so that a run
  /// that has ended and is taken up again has ended.
  std::optional<Ending> ending(const RunState& run) const;
  /// One round, with all that a state says about it. Throws as Method::iterate().
  IterationReport step(RunState& run);
  /// The answer of a run that has ended, its exact F and its quality; nothing of it is counted as gradient
  /// work. Where F at the last iterate cannot be had the answer is the best evaluated point, else the last
  /// good iterate, else the last one without a value, with a warning. Throws EvaluationError or
  /// NumericalError when no finite value is known at all.
  Outcome conclude(const RunState& run, const Ending& ending, const Assess& assess = {});
  /// The same as far as it is known without another evaluation: `failed`, the iterate is not to be trusted.
  void answer_as_known(const RunState& run, bool failed, Outcome& outcome) const;
  /// What the run would answer if it ended here, as far as that is known without another evaluation. Whole.
  Vector answer_so_far(const RunState& run) const;

 private:
  Vector whole(const Vector& vector) const { return options_.whole ? options_.whole(vector) : vector; }
  bool moves(const RunState& run) const { return options_.advance && run.objective_state.size() > 0; }
  Evaluation exact(ConstVectorRef theta);

  Method& method_;
  Evaluator& evaluator_;
  Options options_;
};

/// Adds the measures of the outcome's solution. An assessment that fails costs a warning, nothing else;
/// only StallError is thrown on.
void measure_answer(Outcome& outcome, const Assess& assess);
/// The same of any point: what is wrong comes back in `failure`, empty when nothing is.
std::vector<Measure> assessed(const Assess& assess, ConstVectorRef theta, std::string& failure);

}  // namespace optex
