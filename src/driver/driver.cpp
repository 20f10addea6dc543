#include "optex/driver/driver.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/interrupted_round.hpp"

#include <exception>
#include <new>
#include <optional>
#include <utility>

namespace optex {
namespace {

Outcome failed_with(ExitCode code, const std::string& message) {
  Outcome outcome;
  outcome.code = code;
  outcome.reason = "error";
  outcome.message = message;
  return outcome;
}

Outcome broken_off(const RunState& run, const RoundInterrupted& broken) {
  Outcome outcome;
  outcome.code = ExitCode::requeue;
  outcome.reason = "signal";
  outcome.message = "stopped by a signal within round " + std::to_string(run.iteration + 1) + ", " +
                    std::to_string(broken.finished.size()) +
                    " of its points are finished; the state is saved, `optex resume` goes on from here";
  return outcome;
}

/// Between two rounds.
Outcome stopped(const RunState& run, Interruption wanted) {
  Outcome outcome;
  outcome.code = ExitCode::requeue;
  const std::string round = std::to_string(run.iteration);
  if (wanted == Interruption::out_of_time) {
    outcome.reason = "time_limit";
    outcome.message = "stopped after round " + round +
                      ": another one would not end before the time limit; the state is saved, `optex resume` "
                      "goes on from here";
  } else {
    outcome.reason = "signal";
    outcome.message =
        "stopped by a signal after round " + round + "; the state is saved, `optex resume` goes on from here";
  }
  return outcome;
}

}  // namespace

void count_work(const RunState& run, Outcome& outcome) {
  outcome.rounds = run.iteration;
  outcome.gradients = run.evaluations;
  outcome.seconds = run.seconds;
}

void blame(Outcome& outcome, const std::string& cause) {
  outcome.code = ExitCode::stall;
  outcome.reason = "error";
  outcome.message = cause + "; " + outcome.message;
}

Outcome Driver::run(RunState& run) {
  Outcome outcome;
  std::exception_ptr thrown;  // what is none of ours
  std::size_t begun = 0;      // observers that know of the run
  try {
    for (; begun < options_.observers.size(); ++begun) options_.observers[begun]->on_start(run);
    outcome = loop(run);
  } catch (const RoundInterrupted& broken) {
    outcome = broken_off(run, broken);
  } catch (const Error& error) {
    outcome = failed_with(error.code(), error.what());
    if (begun < options_.observers.size()) thrown = std::current_exception();
  } catch (const std::bad_alloc&) {
    outcome = failed_with(ExitCode::internal, "out of memory");
    thrown = std::current_exception();
  } catch (const std::exception& error) {
    outcome = failed_with(ExitCode::internal, error.what());
    thrown = std::current_exception();
  }
  if (outcome.reason == "signal" && options_.cause)
    if (const auto cause = options_.cause()) blame(outcome, *cause);
  if (outcome.solution.size() == 0) answer(run, outcome);
  count_work(run, outcome);
  outcome.trace = trace_;
  for (const std::string& warning : outcome.warnings) warn(warning);
  for (std::size_t i = 0; i < begun; ++i) {
    const auto fail = [&](ExitCode code, const char* what) {  // the first cause is the one to tell
      if (outcome.code != ExitCode::success) return;
      outcome.code = code;
      outcome.reason = "error";
      outcome.message = what;
    };
    try {
      options_.observers[i]->on_end(run, outcome);
    } catch (const Error& error) {
      fail(error.code(), error.what());
    } catch (const std::exception& error) {
      fail(ExitCode::internal, error.what());
    }
  }
  if (thrown) std::rethrow_exception(thrown);
  return outcome;
}

/// The answer of a run that was stopped or failed.
void Driver::answer(const RunState& run, Outcome& outcome) {
  outcome.best_value = run.best.value;
  const bool asks_ranks = static_cast<bool>(options_.rounds.whole);
  // Ranks that are silent, or in the middle of a step, have no part of it to give.
  if (asks_ranks && (outcome.code == ExitCode::stall || outcome.code == ExitCode::internal)) return;
  try {
    rounds_.answer_as_known(run, outcome.reason == "error", outcome);
  } catch (const StallError&) {
    outcome.code = ExitCode::stall;
  } catch (const std::bad_alloc&) {
    outcome.warnings.emplace_back("there is no memory for the answer");
  }
}

/// Tells all who look on, once.
void Driver::warn(const std::string& text) {
  if (text == last_warning_) return;
  last_warning_ = text;
  for (Observer* const observer : options_.observers) observer->on_warning(text);
}

/// Quality that cannot be had is no reason to end a run.
std::vector<Measure> Driver::quality_of(const RunState& run) {
  std::string failure;
  std::vector<Measure> quality = assessed(options_.assess, rounds_.answer_so_far(run), failure);
  if (!failure.empty()) warn("the quality was not measured: " + failure);
  return quality;
}

Outcome Driver::loop(RunState& run) {
  double observing_seconds = 0.0;
  rounds_.begin(run);
  while (true) {
    if (const auto ending = rounds_.ending(run)) return rounds_.conclude(run, *ending, options_.assess);
    IterationReport report = rounds_.step(run);
    if (options_.keeps_trace)
      trace_.push_back({run.iteration, run.evaluations, run.seconds, report.value, report.gradient_norm,
                        report.best_value});
    Stopwatch watch;
    run.seconds += observing_seconds;
    report.seconds_in.checkpoint = observing_seconds;
    if (options_.assess && options_.quality_every > 0 && run.iteration % options_.quality_every == 0) {
      report.quality = quality_of(run);
      report.seconds_in.quality = watch.lap();
      run.seconds += report.seconds_in.quality;
    }

    const Interruption wanted = options_.interruption ? options_.interruption() : Interruption::none;
    for (Observer* const observer : options_.observers) observer->on_iteration(run, report);
    if (wanted != Interruption::none)
      for (Observer* const observer : options_.observers) observer->on_checkpoint(run);
    observing_seconds = watch.lap();
    // A signal leaves no time for the answer of a run that goes on.
    if (wanted != Interruption::none && wanted != Interruption::checkpoint && !rounds_.ending(run))
      return stopped(run, wanted);
  }
}

}  // namespace optex
