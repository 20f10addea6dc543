#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/two_track.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

namespace optex {
namespace {

// A long replay jumps from side to side of the kinks when its reach is not taken back: 45 rounds.
TEST(NonSmooth, TheReachIsTakenBackWherePredictionsAreWorthNothing) {
  const AbsoluteDeviation objective(1000);
  SerialEvaluator evaluator(objective);
  TwoTrack method(evaluator, std::make_shared<Adam>(Adam::Options{.learning_rate = 0.005}),
                  {.parallelism = 4});
  RunState run = method.initial_state(objective.initial_point());
  Index longest = 0;
  int rounds = 0;
  while (run.best_value > 0.02 && rounds < 100) {
    method.iterate(run);
    longest = std::max(longest, run.reach);
    ++rounds;
  }
  EXPECT_LE(rounds, 30);
  EXPECT_LT(run.reach, longest / 2);
}

}  // namespace
}  // namespace optex
