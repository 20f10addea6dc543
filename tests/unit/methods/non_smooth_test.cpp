#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/optex.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace optex {
namespace {

// Where the surrogate has nothing to fit: the plain optimizer needs 532 rounds.
TEST(NonSmooth, ReplayGetsDownAmongKinks) {
  const AbsoluteDeviation objective(1000);
  SerialEvaluator evaluator(objective);
  Optex method(evaluator, std::make_shared<Adam>(Adam::Options{.learning_rate = 0.005}),
               std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                                 HyperparameterRules{}),
               {.parallelism = 4, .update = UpdateRule::replay});
  RunState run = method.initial_state(objective.initial_point());
  int rounds = 0;
  for (; run.best.value > 0.02 && rounds < 300; ++rounds) method.iterate(run);
  EXPECT_LE(rounds, 100);
}

}  // namespace
}  // namespace optex
