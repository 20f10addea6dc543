#pragma once

#include "optex/comparison/run_record.hpp"

#include <utility>
#include <vector>

namespace optex::test {

/// A run with F = values[t] after round t; two gradients and half a second a round.
inline RunRecord made_up_run(const std::vector<double>& values, std::int64_t seed = 0) {
  RunRecord run;
  run.seed = seed;
  run.end = "iterations";
  for (const double value : values) {
    const auto round = static_cast<std::int64_t>(run.curve.size());
    run.curve.push_back({round, 2 * round, 0.5 * static_cast<double>(round), value});
  }
  run.rounds = static_cast<std::int64_t>(values.size()) - 1;
  run.evaluations = 2 * run.rounds;
  run.seconds = 0.5 * static_cast<double>(run.rounds);
  return run;
}

inline RunRecord failed_run(const std::vector<double>& values) {
  RunRecord run = made_up_run(values);
  run.end = "error";
  run.message = "it broke";
  return run;
}

}  // namespace optex::test
