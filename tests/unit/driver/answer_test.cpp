// What a run answers with when its last point cannot be evaluated, or is worse than what was seen.
#include "optex/driver/driver.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/forgiving.hpp"
#include "optex/methods/keeping_best.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace optex {
namespace {

/// A sphere whose last wish cannot be granted: F on all data, without noise.
class WithoutAnEnd final : public Objective {
 public:
  explicit WithoutAnEnd(double value) : value_(value) {}
  Index dimension() const override { return 10; }
  Vector initial_point() const override { return Vector::Ones(10); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index,
                            VectorRef gradient) const override {
    gradient = 2.0 * theta;
    if (!key.whole) return theta.squaredNorm();
    if (std::isfinite(value_)) throw std::runtime_error("only by mini-batches");
    return value_;
  }

 private:
  double value_;
};

class TheEnd : public testing::TestWithParam<double> {
 protected:
  Outcome drive(Method& method) {
    RunState run = method.initial_state(objective_.initial_point());
    return Driver(method, evaluator_, {.rounds = {.rules = {.iterations = 4}}}).run(run);
  }
  WithoutAnEnd objective_{GetParam()};
  SerialEvaluator evaluator_{objective_};
  std::shared_ptr<const Optimizer> optimizer_ = std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.1});
};

TEST_P(TheEnd, OfARunWithExactGradientsIsTheBestPoint) {
  KeepingBest method(std::make_unique<Sequential>(evaluator_, optimizer_, 1, 0));
  const Outcome outcome = drive(method);
  EXPECT_EQ(outcome.code, ExitCode::success);
  EXPECT_EQ(outcome.reason, "iterations");
  EXPECT_EQ(outcome.answer, AnswerPoint::best_point);
  Vector gradient(10);
  EXPECT_EQ(outcome.final_value, objective_.value_and_gradient(outcome.solution, {}, 0, gradient));
  EXPECT_EQ(outcome.final_value, outcome.best_value);
  ASSERT_EQ(outcome.warnings.size(), 1U);
}

TEST_P(TheEnd, OfANoisyRunIsTheLastIterateWithoutItsValue) {
  Sequential method(evaluator_, optimizer_, 1, 0);
  const Outcome outcome = drive(method);
  EXPECT_EQ(outcome.code, ExitCode::success);
  EXPECT_EQ(outcome.answer, AnswerPoint::iterate);
  EXPECT_NEAR(outcome.solution[0], std::pow(0.8, 4), 1e-12);
  EXPECT_TRUE(std::isnan(outcome.final_value));
  ASSERT_EQ(outcome.warnings.size(), 1U);
  EXPECT_NE(outcome.warnings[0].find("exact value is missing"), std::string::npos) << outcome.warnings[0];
}

TEST_P(TheEnd, OfAForgivingRunIsTheLastGoodIterate) {
  Forgiving method(evaluator_, {},
                   [&](Evaluator& inner) { return std::make_unique<Sequential>(inner, optimizer_, 1, 0); });
  const Outcome outcome = drive(method);
  EXPECT_EQ(outcome.code, ExitCode::success);
  EXPECT_EQ(outcome.answer, AnswerPoint::last_good);
  EXPECT_NEAR(outcome.solution[0], std::pow(0.8, 3), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(NaNAndFailure, TheEnd,
                         testing::Values(0.0, std::numeric_limits<double>::quiet_NaN()));

/// A sphere whose mini-batches all lie above the whole.
class AboveTheWhole final : public Objective {
 public:
  Index dimension() const override { return 10; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index,
                            VectorRef gradient) const override {
    gradient = 2.0 * theta;
    return theta.squaredNorm() + (key.whole ? 0.0 : 5.0);
  }
};

TEST(DriverOfNoise, TheBestSeenIsNeverAboveTheValueOfTheAnswer) {
  const AboveTheWhole objective;
  SerialEvaluator evaluator(objective);
  Sequential method(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.1}), 1, 0);
  RunState run = method.initial_state(Vector::Ones(10));
  const Outcome outcome = Driver(method, evaluator, {.rounds = {.rules = {.iterations = 4}}}).run(run);
  EXPECT_LT(outcome.final_value, run.best.value);
  EXPECT_EQ(outcome.best_value, outcome.final_value);
}
}  // namespace
}  // namespace optex
