#include "optex/methods/automatic.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/batched.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/two_track.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <gtest/gtest.h>

namespace optex {
namespace {

const std::shared_ptr<const Optimizer> adam = std::make_shared<Adam>(Adam::Options{.learning_rate = 0.02});

std::unique_ptr<Method> two_track(Evaluator& evaluator) {
  return std::make_unique<TwoTrack>(evaluator, adam, TwoTrack::Options{.parallelism = 4, .seed = 7});
}

std::unique_ptr<Method> whitened(Evaluator& evaluator) {
  return std::make_unique<Whitened>(evaluator, Whitened::Options{.parallelism = 4, .seed = 7});
}

TEST(Automatic, ExactGradientsKeepTheFirstMethodsTrajectory) {
  const Rosenbrock objective(20);
  SerialEvaluator evaluator(objective);
  Automatic automatic(evaluator, two_track, whitened);
  const auto alone = two_track(evaluator);
  RunState a = automatic.initial_state(objective.initial_point());
  RunState b = alone->initial_state(objective.initial_point());
  EXPECT_EQ(a.regime, "");
  for (int t = 0; t < 12; ++t) {
    const IterationReport report = automatic.iterate(a);
    alone->iterate(b);
    ASSERT_EQ(a.theta, b.theta) << "round " << t + 1;
    ASSERT_EQ(a.evaluations, b.evaluations + 1);  // the repeated one is counted
    ASSERT_EQ(report.evaluations, a.evaluations);
    ASSERT_EQ(report.update, "two_track");
    ASSERT_EQ(a.regime, "exact");
  }
}

TEST(Automatic, NoiseStartsTheOtherMethodWhereItAllBegan) {
  const Noisy objective(std::make_unique<Rosenbrock>(20), {.kind = NoiseKind::gaussian, .sigma = 1e-3});
  SerialEvaluator evaluator(objective);
  Automatic automatic(evaluator, two_track, whitened);
  RunState a = automatic.initial_state(objective.initial_point());
  const IterationReport first = automatic.iterate(a);
  EXPECT_EQ(a.regime, "noisy");
  EXPECT_EQ(a.theta, objective.initial_point());
  EXPECT_EQ(a.iteration, 1);
  EXPECT_EQ(a.evaluations, 2);
  EXPECT_EQ(first.accepted, 0);
  EXPECT_EQ(a.history.capacity(), 0);

  const auto alone = whitened(evaluator);
  RunState b = alone->initial_state(objective.initial_point());
  b.iteration = 1;
  for (int t = 0; t < 5; ++t) {
    EXPECT_EQ(automatic.iterate(a).update, "whitened");
    alone->iterate(b);
    ASSERT_EQ(a.theta, b.theta);
    ASSERT_EQ(a.regime, "noisy");
  }
}

TEST(Batched, OneBatchIsTheMethodItself) {
  const Noisy objective(std::make_unique<Rosenbrock>(20), {.kind = NoiseKind::gaussian, .sigma = 1e-3});
  SerialEvaluator evaluator(objective);
  const auto build = [](Evaluator& inner) { return std::make_unique<Sequential>(inner, adam, 2, 7); };
  Batched one(evaluator, 1, build);
  Batched three(evaluator, 3, build);
  const auto alone = build(evaluator);
  RunState a = one.initial_state(objective.initial_point());
  RunState b = alone->initial_state(objective.initial_point());
  RunState c = three.initial_state(objective.initial_point());
  for (int t = 0; t < 3; ++t) {
    one.iterate(a);
    alone->iterate(b);
    three.iterate(c);
    EXPECT_EQ(a.theta, b.theta);
    EXPECT_NE(a.theta, c.theta);
  }
  EXPECT_EQ(a.evaluations, 6);
  EXPECT_EQ(c.evaluations, 18);
}

}  // namespace
}  // namespace optex
