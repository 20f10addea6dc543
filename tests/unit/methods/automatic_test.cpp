#include "optex/methods/automatic.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/batched.hpp"
#include "optex/methods/rule_choice.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/surrogate.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <gtest/gtest.h>

namespace optex {
namespace {

const std::shared_ptr<const Optimizer> adam = std::make_shared<Adam>(Adam::Options{.learning_rate = 0.02});

std::unique_ptr<Method> surrogate(Evaluator& evaluator) {
  return std::make_unique<Surrogate>(evaluator, Surrogate::Options{.parallelism = 4, .seed = 7});
}

std::unique_ptr<Method> whitened(Evaluator& evaluator) {
  return std::make_unique<Whitened>(evaluator, Whitened::Options{.parallelism = 4, .seed = 7});
}

TEST(Automatic, ExactGradientsKeepTheFirstMethodsTrajectory) {
  const Rosenbrock objective(20);
  SerialEvaluator evaluator(objective);
  Automatic automatic(evaluator, {surrogate, "for exact ones"}, {{whitened, "for noise"}});
  const auto alone = surrogate(evaluator);
  RunState a = automatic.initial_state(objective.initial_point());
  RunState b = alone->initial_state(objective.initial_point());
  EXPECT_EQ(a.regime, "");
  for (int t = 0; t < 12; ++t) {
    const IterationReport report = automatic.iterate(a);
    alone->iterate(b);
    ASSERT_EQ(a.theta, b.theta) << "round " << t + 1;
    ASSERT_EQ(a.evaluations, b.evaluations + 1);  // the repeated one is counted
    ASSERT_EQ(report.evaluations, a.evaluations);
    ASSERT_EQ(report.update, "surrogate");
    ASSERT_EQ(report.choice, "for exact ones");
    ASSERT_EQ(a.regime, "exact");
  }
}

TEST(Automatic, NoiseStartsTheOtherMethodWhereItAllBegan) {
  const Noisy objective(std::make_unique<Rosenbrock>(20), {.kind = NoiseKind::gaussian, .sigma = 1e-3});
  SerialEvaluator evaluator(objective);
  Automatic automatic(evaluator, {surrogate, "for exact ones"}, {{whitened, "for noise"}});
  RunState a = automatic.initial_state(objective.initial_point());
  const IterationReport first = automatic.iterate(a);
  EXPECT_EQ(a.regime, "noisy");
  EXPECT_EQ(a.theta, objective.initial_point());
  EXPECT_EQ(a.iteration, 1);
  EXPECT_EQ(a.evaluations, 5);
  EXPECT_EQ(first.accepted, 0);
  EXPECT_EQ(first.choice, "for noise");
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

TEST(Automatic, EndsWhenTheMethodThatItTookHasNothingLeftToDo) {
  const Sphere objective(5);
  SerialEvaluator evaluator(objective);
  Automatic automatic(evaluator, {surrogate, ""}, {{whitened, ""}});
  RunState run = automatic.initial_state(objective.initial_point());
  for (int t = 0; t < 60 && !automatic.finished(run); ++t) automatic.iterate(run);
  EXPECT_TRUE(automatic.finished(run));
}

TEST(Automatic, WithoutAnAlternativeNothingIsTested) {
  const Noisy objective(std::make_unique<Rosenbrock>(20), {.kind = NoiseKind::gaussian, .sigma = 1e-3});
  SerialEvaluator evaluator(objective);
  Automatic automatic(evaluator, {whitened, "asked for"});
  RunState run = automatic.initial_state(objective.initial_point());
  EXPECT_EQ(automatic.iterate(run).choice, "asked for");
  EXPECT_EQ(run.evaluations, 4);
  EXPECT_EQ(run.regime, "");
}

// As a run goes on that was spread over ranks so far.
TEST(Automatic, NothingIsTestedLaterThanInTheFirstRound) {
  const Noisy objective(std::make_unique<Rosenbrock>(20), {.kind = NoiseKind::gaussian, .sigma = 1e-3});
  SerialEvaluator evaluator(objective);
  Automatic untested(evaluator, {whitened, "first"});
  RunState run = untested.initial_state(objective.initial_point());
  untested.iterate(run);
  Automatic automatic(evaluator, {whitened, "first"}, {{surrogate, "second"}});
  EXPECT_EQ(automatic.iterate(run).choice, "first");
  EXPECT_EQ(run.evaluations, 8);
  EXPECT_EQ(run.regime, "");
}

TEST(RuleChoice, IsTheSurrogateWhereItCanGo) {
  const auto exact = [](const RunTraits& run) { return rule_for_exact_gradients(run).rule; };
  EXPECT_EQ(exact({}), ChosenRule::surrogate);
  EXPECT_EQ(exact({.spreads_history = true}), ChosenRule::surrogate);
  EXPECT_EQ(exact({.spreads_history = true, .bounded = true}), ChosenRule::replay);
  EXPECT_EQ(exact({.dimension = most_for_surrogate + 1, .spreads_history = true}), ChosenRule::surrogate);
  EXPECT_EQ(exact({.dimension = most_when_spread + 1, .spreads_history = true}), ChosenRule::replay);
  EXPECT_EQ(exact({.bounded = true}), ChosenRule::surrogate);
  EXPECT_EQ(exact({.closes_rounds_early = true}), ChosenRule::surrogate);
  EXPECT_EQ(exact({.own_estimator = true}), ChosenRule::replay);
  EXPECT_EQ(exact({.dimension = most_for_surrogate + 1}), ChosenRule::replay);
  EXPECT_EQ(exact({.dimension = most_for_surrogate}), ChosenRule::surrogate);
  EXPECT_FALSE(tests_for_noise({.spreads_history = true}));
  EXPECT_FALSE(tests_for_noise({.closes_rounds_early = true}));
  EXPECT_TRUE(tests_for_noise({}));
}

TEST(RuleChoice, WhitensNoiseWhereItCanGo) {
  const auto noisy = [](const RunTraits& run) { return rule_for_noisy_gradients(run).rule; };
  EXPECT_EQ(noisy({}), ChosenRule::whitened);
  EXPECT_EQ(noisy({.plain_adam = false}), ChosenRule::sequence);
  EXPECT_EQ(noisy({.own_estimator = true}), ChosenRule::sequence);
  EXPECT_EQ(noisy({.spreads_history = true}), ChosenRule::sequence);
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
