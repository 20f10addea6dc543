#include "optex/driver/driver.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/interrupted_round.hpp"

#include <cmath>
#include <optional>
#include <utility>

namespace optex {
namespace {

/// What the run would answer if it ended here, as far as that is known without another evaluation.
const Vector& answer_so_far(const RunState& run) {
  if (run.average.size() > 0) return run.average;
  return run.best_theta.size() > 0 ? run.best_theta : run.theta;
}

}  // namespace

void blame(Outcome& outcome, const std::string& cause) {
  outcome.code = ExitCode::stall;
  outcome.reason = "error";
  outcome.message = cause + "; " + outcome.message;
}

Driver::Driver(Method& method, Evaluator& evaluator, StopRules rules, std::vector<Observer*> observers,
               std::function<Interruption()> interruption,
               std::function<std::vector<Measure>(ConstVectorRef)> assess, std::int64_t quality_every,
               std::function<void(ConstVectorRef, Vector&)> advance,
               std::function<Vector(const Vector&)> whole)
    : method_(method),
      evaluator_(evaluator),
      rules_(rules),
      observers_(std::move(observers)),
      interruption_(std::move(interruption)),
      assess_(std::move(assess)),
      quality_every_(quality_every),
      advance_(std::move(advance)),
      whole_(std::move(whole)) {}

Outcome Driver::run(RunState& run) {
  for (Observer* const observer : observers_) observer->on_start(run);
  Outcome outcome;
  const auto fail = [&](const Error& error) {
    outcome.code = error.code();
    outcome.reason = "error";
    outcome.message = error.what();
  };
  try {
    outcome = loop(run);
  } catch (const RoundInterrupted& broken) {
    outcome.code = ExitCode::requeue;
    outcome.reason = "signal";
    outcome.message = "stopped by a signal within round " + std::to_string(run.iteration + 1) + ", " +
                      std::to_string(broken.finished.size()) +
                      " of its points are finished; the state is saved, `optex resume` goes on from here";
  } catch (const Error& error) {
    fail(error);
  }
  if (outcome.reason == "signal" && cause_)
    if (const auto cause = cause_()) blame(outcome, *cause);
  // Ranks that are silent have no part of it to give.
  if (outcome.solution.size() == 0 && !(whole_ && outcome.code == ExitCode::stall)) {
    try {
      outcome.solution = whole(run.theta);
    } catch (const StallError& error) {
      if (outcome.code == ExitCode::success) fail(error);  // the first cause is the one to tell
      outcome.code = ExitCode::stall;
    }
  }
  for (Observer* const observer : observers_) {
    try {
      observer->on_end(run, outcome);
    } catch (const Error& error) {
      if (outcome.code == ExitCode::success) fail(error);  // the first cause is the one to tell
    }
  }
  return outcome;
}

Outcome Driver::loop(RunState& run) {
  Outcome outcome;
  double observing_seconds = 0.0;
  // A resumed run may have met its rules already.
  if (rules_.iterations && run.iteration >= *rules_.iterations) outcome.reason = "iterations";
  const auto heed_method = [&] {
    const std::optional<Ending> ending = method_.finished(run);
    if (!ending) return false;
    outcome.reason = ending->reason;
    outcome.message = ending->message;
    return true;
  };
  if (outcome.reason.empty()) heed_method();
  const bool moves = advance_ && run.objective_state.size() > 0;
  if (moves) evaluator_.renew(run.objective_state);
  while (outcome.reason.empty()) {
    Stopwatch watch;
    const double best_before = run.best_value;
    IterationReport report = method_.iterate(run);
    if (moves) {
      advance_(whole(run.theta), run.objective_state);
      evaluator_.renew(run.objective_state);
    }
    run.rounds_without_progress = run.best_value < best_before ? 0 : run.rounds_without_progress + 1;
    run.seconds += watch.lap() + observing_seconds;
    report.seconds_in.checkpoint = observing_seconds;
    if (!std::isfinite(run.best_value)) throw NumericalError("no finite value was ever seen");
    if (assess_ && quality_every_ > 0 && run.iteration % quality_every_ == 0) {
      report.quality = assess_(whole(answer_so_far(run)));
      report.seconds_in.quality = watch.lap();
      run.seconds += report.seconds_in.quality;
    }

    const Interruption wanted = interruption_ ? interruption_() : Interruption::none;
    for (Observer* const observer : observers_) observer->on_iteration(run, report);
    if (wanted != Interruption::none)
      for (Observer* const observer : observers_) observer->on_checkpoint(run);
    observing_seconds = watch.lap();

    if (const auto rule = met_rule(rules_, run, report)) {
      outcome.reason = *rule;
    } else if (heed_method()) {
      // nothing is left to do
    } else if (wanted == Interruption::out_of_time) {
      outcome.code = ExitCode::requeue;
      outcome.reason = "time_limit";
      outcome.message =
          "stopped after round " + std::to_string(run.iteration) +
          ": another one would not end before the time limit; the state is saved, `optex resume` "
          "goes on from here";
    } else if (wanted == Interruption::checkpoint_and_stop || wanted == Interruption::stop) {
      outcome.code = ExitCode::requeue;
      outcome.reason = "signal";
      outcome.message = "stopped by a signal after round " + std::to_string(run.iteration) +
                        "; the state is saved, `optex resume` goes on from here";
    }
  }
  if (outcome.code == ExitCode::success) conclude(run, outcome);  // a signal leaves no time for it
  return outcome;
}

void Driver::conclude(const RunState& run, Outcome& outcome) {
  outcome.solution = whole(run.average.size() > 0 ? run.average : run.theta);
  outcome.final_value = exact_value(outcome.solution);
  if (run.best_theta.size() > 0 && run.best_value < outcome.final_value) {
    outcome.solution = whole(run.best_theta);
    outcome.final_value = run.best_value;
  }
  if (assess_) outcome.measures = assess_(outcome.solution);
}

/// F on all data and without noise; not counted as gradient work.
double Driver::exact_value(ConstVectorRef theta) {
  evaluator_.begin(1);
  evaluator_.submit(SampleKey::exact(), theta);
  const std::vector<Evaluation> answer = evaluator_.collect();
  if (answer.front().failed()) throw EvaluationError("at the final point: " + answer.front().failure);
  if (!std::isfinite(answer.front().value))
    throw NumericalError(
        "the value at the final point is not finite; a smaller optimizer.learning_rate may help");
  return answer.front().value;
}

}  // namespace optex
