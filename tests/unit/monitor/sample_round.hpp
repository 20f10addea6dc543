#pragma once

#include "optex/driver/observer.hpp"
#include "optex/driver/stopping.hpp"

#include <cmath>
#include <string>

namespace optex::test {

struct Round {
  RunState run;
  IterationReport report;
};

/// Round i of an imagined run: every number is a function of i.
inline Round sample_round(std::int64_t i) {
  const auto x = static_cast<double>(i);
  Round round;
  round.run.iteration = round.report.iteration = i;
  round.run.theta = Vector::Constant(3, 0.1);
  round.run.evaluations = round.report.evaluations = 4 * i;
  round.run.seconds = 0.1 * x;
  round.report.value = 1.0 / (x + 1.0 / 3.0);
  round.run.best.value = round.report.best_value = round.report.value;
  round.report.gradient_norm = 0.1 * x;
  round.report.accepted = 9;
  round.report.reach = 12;
  round.report.update = "replay";
  round.report.lengthscale = 3.2;
  round.report.nugget = 1e-8;
  round.report.depths = {0, 4, 12};
  round.report.prediction_error = {0.0, 0.02, 0.1};
  round.report.prediction_cosine = {1.0, 0.999, 0.99};
  round.report.prediction_variance = {0.0, 0.5, 1.0};
  round.report.seconds_in.wait = 0.025;
  return round;
}

inline void play(Observer& observer, std::int64_t first, std::int64_t last) {
  for (std::int64_t i = first; i <= last; ++i) {
    const Round round = sample_round(i);
    observer.on_iteration(round.run, round.report);
  }
}

inline Outcome finished() {
  Outcome outcome;
  outcome.reason = "iterations";
  outcome.message = words_of_rule(outcome.reason);
  outcome.final_value = 0.1;
  outcome.measures = {{"accuracy", 0.84}};
  return outcome;
}

inline Outcome failed() {
  Outcome outcome;
  outcome.code = ExitCode::evaluation_failed;
  outcome.reason = "error";
  outcome.message = "rank 3: point 2 failed";
  return outcome;
}

inline Outcome stopped() {
  Outcome outcome;
  outcome.code = ExitCode::requeue;
  outcome.reason = "signal";
  outcome.message = "stopped by a signal";
  return outcome;
}

}  // namespace optex::test
