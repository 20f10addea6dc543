#include "optex/core/errors.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/data_parallel.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

std::shared_ptr<const Optimizer> adam(double rate) {
  return std::make_shared<Adam>(Adam::Options{.learning_rate = rate});
}

std::shared_ptr<const Estimator> gaussian_process() {
  return std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                           HyperparameterRules{});
}

/// Knows the true gradient everywhere, from the first round on.
class Oracle final : public Estimator {
 public:
  explicit Oracle(const Objective& objective) : objective_(objective) {}
  bool is_ready(const GradientHistory&) const override { return true; }
  std::unique_ptr<GradientModel> fit(const GradientHistory&) const override {
    return std::make_unique<Model>(objective_);
  }

 private:
  class Model final : public GradientModel {
   public:
    explicit Model(const Objective& objective) : objective_(objective) {}
    double predict(ConstVectorRef theta, VectorRef mean) const override {
      objective_.value_and_gradient(theta, SampleKey::exact(), 0, mean);
      return 0.0;
    }

   private:
    const Objective& objective_;
  };
  const Objective& objective_;
};

TEST(Target, AverageRunsOverItsStepsAsDataParallelAveragesRounds) {
  const Rosenbrock objective(40);
  SerialEvaluator evaluator(objective);
  Sequential three(evaluator, adam(0.02), 3, 7, {}, true);
  DataParallel one(evaluator, adam(0.02), {.parallelism = 1, .average_tail = true, .seed = 7});
  RunState a = three.initial_state(objective.initial_point());
  RunState b = one.initial_state(objective.initial_point());
  EXPECT_EQ(a.noisy.average, a.theta);
  for (int t = 0; t < 12; ++t) three.iterate(a);
  for (int t = 0; t < 36; ++t) one.iterate(b);
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.noisy.average, b.noisy.average);
  EXPECT_NE(a.noisy.average, a.theta);
  EXPECT_EQ(Sequential(evaluator, adam(0.02), 3, 7).initial_state(a.theta).noisy.average.size(), 0);
}

class EveryUpdateRule : public testing::TestWithParam<UpdateRule> {};

TEST_P(EveryUpdateRule, OptexWithOneWorkerIsVanillaBitForBit) {
  const Noisy objective(std::make_unique<Rosenbrock>(40), {.kind = NoiseKind::gaussian, .sigma = 1e-3});
  SerialEvaluator evaluator(objective);
  Optex optex(evaluator, adam(0.02), gaussian_process(), {.parallelism = 1, .update = GetParam(), .seed = 7});
  Sequential vanilla(evaluator, adam(0.02), 1, 7);
  RunState a = optex.initial_state(objective.initial_point());
  RunState b = vanilla.initial_state(objective.initial_point());
  for (int t = 0; t < 30; ++t) {
    optex.iterate(a);
    vanilla.iterate(b);
    ASSERT_EQ(a.theta, b.theta) << "round " << t + 1;
    ASSERT_EQ(a.evaluations, b.evaluations);
  }
}

// min_value and min_gradient may choose a shorter step on purpose.
class RuleThatWalksTheWholeChain : public testing::TestWithParam<UpdateRule> {};

TEST_P(RuleThatWalksTheWholeChain, AnOracleMakesItTargetBitForBit) {
  const Rosenbrock objective(40);
  SerialEvaluator evaluator(objective);
  const Index parallelism = 5;
  Optex optex(evaluator, adam(0.002), std::make_shared<Oracle>(objective),
              {.parallelism = parallelism, .update = GetParam(), .reach = 1});
  Sequential target(evaluator, adam(0.002), parallelism, 0);
  RunState a = optex.initial_state(objective.initial_point());
  RunState b = target.initial_state(objective.initial_point());
  for (int t = 0; t < 20; ++t) {
    optex.iterate(a);
    target.iterate(b);
    ASSERT_EQ(a.theta, b.theta) << "round " << t + 1;
    ASSERT_EQ(a.optimizer.moments, b.optimizer.moments);
    ASSERT_EQ(a.optimizer.step, b.optimizer.step);
  }
}

TEST_P(EveryUpdateRule, NothingButRunStateInfluencesTheNextRound) {
  const Noisy objective(std::make_unique<Rosenbrock>(60), {.kind = NoiseKind::student_t, .sigma = 1e-4});
  SerialEvaluator evaluator(objective);
  const Optex::Options options{.parallelism = 4, .history = 9, .update = GetParam(), .seed = 3};
  Optex uninterrupted(evaluator, adam(0.02), gaussian_process(), options);
  RunState run = uninterrupted.initial_state(objective.initial_point());
  for (int t = 0; t < 8; ++t) uninterrupted.iterate(run);

  RunState resumed = run;
  resumed.history = GradientHistory(60, 9);  // as a checkpoint restores it: oldest first
  for (Index i = 0; i < run.history.size(); ++i)
    resumed.history.append(run.history.theta(i), run.history.gradient(i), run.history.value(i),
                           run.history.iteration(i));
  Optex fresh(evaluator, adam(0.02), gaussian_process(), options);
  for (int t = 0; t < 8; ++t) {
    uninterrupted.iterate(run);
    fresh.iterate(resumed);
    ASSERT_EQ(run.theta, resumed.theta) << "round " << t + 1 << " after the restart";
    ASSERT_EQ(run.replay.reach, resumed.replay.reach);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryUpdateRule,
                         testing::Values(UpdateRule::last, UpdateRule::min_value, UpdateRule::min_gradient,
                                         UpdateRule::sequence, UpdateRule::replay),
                         [](const auto& parameter) { return std::string(name_of(parameter.param)); });

INSTANTIATE_TEST_SUITE_P(All, RuleThatWalksTheWholeChain,
                         testing::Values(UpdateRule::last, UpdateRule::sequence, UpdateRule::replay),
                         [](const auto& parameter) { return std::string(name_of(parameter.param)); });

/// Throws or answers NaN where x_0 lies below a limit.
class Cliff final : public Objective {
 public:
  enum class Kind { throws, nan };
  Cliff(double limit, Kind kind) : limit_(limit), kind_(kind) {}
  Index dimension() const override { return 4; }
  Vector initial_point() const override { return Vector::Constant(4, 1.0); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    if (theta[0] < limit_ && kind_ == Kind::throws) throw std::runtime_error("fell off the cliff");
    gradient = theta;
    return theta[0] < limit_ ? std::nan("") : 0.5 * theta.squaredNorm();
  }

 private:
  double limit_;
  Kind kind_;
};

class FailingPoints : public testing::TestWithParam<Cliff::Kind> {};

TEST_P(FailingPoints, SpeculativeOnesAreDroppedAndNeverRemembered) {
  const Cliff objective(0.5, GetParam());
  SerialEvaluator evaluator(objective);
  Optex method(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.08}), gaussian_process(),
               {.parallelism = 4});
  RunState run = method.initial_state(objective.initial_point());
  Index dropped = 0;
  for (int t = 0; t < 6 && dropped == 0; ++t) dropped = method.iterate(run).dropped_points;
  EXPECT_GT(dropped, 0) << "the chain never reached the cliff: the test shows nothing";
  for (Index i = 0; i < run.history.size(); ++i) {
    EXPECT_GE(run.history.theta(i)[0], 0.5);
    EXPECT_TRUE(std::isfinite(run.history.value(i)));
  }
  EXPECT_TRUE(run.theta.allFinite());
}

TEST_P(FailingPoints, AtTheIterateItEndsTheRunAndLeavesTheStateAlone) {
  const Cliff objective(2.0, GetParam());
  SerialEvaluator evaluator(objective);
  Optex optex(evaluator, adam(0.1), gaussian_process(), {.parallelism = 4});
  Sequential vanilla(evaluator, adam(0.1), 1, 0);
  DataParallel data_parallel(evaluator, adam(0.1), {.parallelism = 3});
  for (Method* const method : std::vector<Method*>{&optex, &vanilla, &data_parallel}) {
    RunState run = method->initial_state(objective.initial_point());
    try {
      method->iterate(run);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(),
                GetParam() == Cliff::Kind::throws ? ExitCode::evaluation_failed : ExitCode::numerical);
      EXPECT_NE(std::string(error.what()).find("round 1"), std::string::npos) << error.what();
    }
    EXPECT_EQ(run.theta, objective.initial_point());
    EXPECT_EQ(run.iteration, 0);
    EXPECT_EQ(run.evaluations, 0);
    EXPECT_EQ(run.history.size(), 0);
  }
}

// Step by step down to the cliff: the first of the three steps can be taken, a later one cannot.
TEST_P(FailingPoints, AfterSomeStepsOfARoundTheyLeaveTheStateAloneToo) {
  const Cliff objective(0.8, GetParam());
  SerialEvaluator evaluator(objective);
  Sequential target(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.08}), 3, 0);
  RunState run = target.initial_state(objective.initial_point());
  for (int t = 0; t < 20; ++t) {
    const RunState before = run;
    try {
      target.iterate(run);
    } catch (const Error&) {
      EXPECT_EQ(run.theta, before.theta);
      EXPECT_EQ(run.optimizer.step, before.optimizer.step);
      EXPECT_EQ(run.evaluations, before.evaluations);
      EXPECT_EQ(run.iteration, before.iteration);
      return;
    }
  }
  FAIL() << "the cliff was never reached: the test shows nothing";
}

INSTANTIATE_TEST_SUITE_P(All, FailingPoints, testing::Values(Cliff::Kind::throws, Cliff::Kind::nan));

TEST(DataParallel, AveragesIndependentDraws) {
  const double sigma = 0.5;
  const Noisy objective(std::make_unique<Sphere>(2000), {.kind = NoiseKind::gaussian, .sigma = sigma});
  SerialEvaluator evaluator(objective);
  DataParallel method(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1.0}),
                      {.parallelism = 16, .seed = 1});
  RunState run = method.initial_state(Vector::Zero(2000));
  method.iterate(run);
  // From 0 with rate 1 the step is minus the mean noise: standard deviation sigma / sqrt(16).
  EXPECT_NEAR(run.theta.norm() / std::sqrt(2000.0), sigma / 4.0, 0.01);
  EXPECT_EQ(run.evaluations, 16);
}

TEST(Target, CountsEveryGradientButOneRound) {
  const Sphere objective(10);
  SerialEvaluator evaluator(objective);
  Sequential target(evaluator, adam(0.1), 6, 0);
  Sequential vanilla(evaluator, adam(0.1), 1, 0);
  RunState a = target.initial_state(objective.initial_point());
  RunState b = vanilla.initial_state(objective.initial_point());
  const IterationReport report = target.iterate(a);
  const double start_value = vanilla.iterate(b).value;
  for (int t = 1; t < 6; ++t) vanilla.iterate(b);
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.iteration, 1);
  EXPECT_EQ(a.evaluations, 6);
  EXPECT_EQ(report.value, start_value) << "the value is that of the iterate the round started from";
}

}  // namespace
}  // namespace optex
