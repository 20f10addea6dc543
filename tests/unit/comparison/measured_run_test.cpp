#include "optex/comparison/measured_run.hpp"

#include "optex/core/errors.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/data_parallel.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::HasSubstr;

constexpr Index d = 20;

/// Counts what is asked of it; throws from a number of evaluations on, if told to.
class Counted final : public Objective {
 public:
  explicit Counted(std::unique_ptr<const Objective> inner) : inner_(std::move(inner)) {}
  Index dimension() const override { return inner_->dimension(); }
  Vector initial_point() const override { return inner_->initial_point(); }
  bool is_noisy() const override { return inner_->is_noisy(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    ++(key.whole ? exact : key.iteration < 0 ? fixed : counted);
    if (counted > fail_after) throw std::runtime_error("broken on purpose");
    return inner_->value_and_gradient(theta, key, shard, gradient);
  }
  mutable int exact = 0, fixed = 0, counted = 0;
  int fail_after = 1'000'000;

 private:
  std::unique_ptr<const Objective> inner_;
};

std::shared_ptr<const Optimizer> descent(double rate) {
  return std::make_shared<Sgd>(Sgd::Options{.learning_rate = LearningRate(rate)});
}

/// F after each of `rounds` steps of gradient descent on the sphere, by hand: theta shrinks by 1 - 2 rate/d.
double sphere_after(double rate, int rounds) {
  const Sphere sphere(d);
  Vector gradient(d);
  const Vector theta = std::pow(1.0 - 2.0 * rate / d, rounds) * sphere.initial_point();
  return sphere.value_and_gradient(theta, {}, 0, gradient);
}

class MeasuredRunTest : public testing::Test {
 protected:
  std::optional<RunRecord> run(Method& method, const MeasureOptions& options) {
    return measured_run(method, evaluator_, objective_.initial_point(), options, [] { return false; });
  }
  RunRecord vanilla(double rate, const MeasureOptions& options, Index steps = 1) {
    Sequential method(evaluator_, descent(rate), steps, 0);
    return run(method, options).value();
  }

  Counted objective_{std::make_unique<Sphere>(d)};
  SerialEvaluator evaluator_{objective_};
};

TEST_F(MeasuredRunTest, EveryRoundIsOnTheCurveAndOnlyTheLastValueCostsExtra) {
  const RunRecord record = vanilla(2.0, {.rules = {.iterations = 5}});
  EXPECT_EQ(record.end, "iterations");
  EXPECT_EQ(record.rounds, 5);
  EXPECT_EQ(record.evaluations, 5);
  ASSERT_EQ(record.curve.size(), 6u);
  for (int t = 0; t <= 5; ++t) {
    const CurvePoint& point = record.curve[static_cast<std::size_t>(t)];
    EXPECT_EQ(point.round, t);
    EXPECT_EQ(point.evaluations, t);
    EXPECT_NEAR(point.value, sphere_after(2.0, t), 1e-14);
  }
  EXPECT_EQ(objective_.counted, 5);
  EXPECT_EQ(objective_.exact, 1);
}

TEST_F(MeasuredRunTest, StopsAtTheTargetAndCountsTheRoundThatLedThere) {
  const double target = 1.0001 * sphere_after(2.0, 3);
  const RunRecord record = vanilla(2.0, {.rules = {.iterations = 50}, .target = target});
  EXPECT_EQ(record.end, "target");
  ASSERT_NE(first_at(record, target), nullptr);
  EXPECT_EQ(first_at(record, target)->round, 3);
  EXPECT_EQ(first_at(record, target)->evaluations, 3);
  EXPECT_EQ(objective_.exact, 0);
  // Reached in the very last round, which no other follows.
  EXPECT_EQ(vanilla(2.0, {.rules = {.iterations = 3}, .target = target}).end, "target");
  EXPECT_EQ(vanilla(2.0, {.rules = {.iterations = 2}, .target = target}).end, "iterations");
}

TEST_F(MeasuredRunTest, AStepOfTheIdealCountsItsGradientsButOneRound) {
  const RunRecord record = vanilla(2.0, {.rules = {.iterations = 2}}, 3);
  ASSERT_EQ(record.curve.size(), 3u);
  EXPECT_EQ(record.curve[1].evaluations, 3);
  EXPECT_NEAR(record.curve[1].value, sphere_after(2.0, 3), 1e-14);
}

TEST_F(MeasuredRunTest, MeasuringSeparatelySeesTheAverage) {
  DataParallel method(evaluator_, descent(2.0), {.parallelism = 1, .average_tail = true});
  const RunRecord record = run(method, {.rules = {.iterations = 5}, .separately = true, .every = 2}).value();
  ASSERT_EQ(record.curve.size(), 4u);  // the start, rounds 2 and 4, and the end
  EXPECT_EQ(record.curve[0].round, 0);
  EXPECT_EQ(record.curve[2].round, 4);
  EXPECT_EQ(record.curve[3].round, 5);
  EXPECT_EQ(record.curve[3].evaluations, 5);
  EXPECT_GT(record.curve[3].value, 1.01 * sphere_after(2.0, 5));  // the average lags behind
  EXPECT_EQ(objective_.counted, 5);
  EXPECT_EQ(objective_.exact, 4);
}

TEST_F(MeasuredRunTest, MiniBatchesOfTheirOwnStandForAllData) {
  const RunRecord record =
      vanilla(2.0, {.rules = {.iterations = 4}, .separately = true, .every = 4, .batches = 3});
  EXPECT_EQ(objective_.fixed, 2 * 3);
  EXPECT_EQ(objective_.exact, 0);
  EXPECT_EQ(record.evaluations, 4);
  EXPECT_NEAR(record.curve.back().value, sphere_after(2.0, 4), 1e-14);
}

// The line search evaluates a point in a round: it counts from the end of that round on, not before.
TEST_F(MeasuredRunTest, TriedPointsCountWhenTheyHaveBeenEvaluatedAndAFinishedMethodEnds) {
  Lbfgs method(evaluator_, {});
  const RunRecord record = run(method, {.rules = {.iterations = 500}, .by_best_point = true}).value();
  ASSERT_GE(record.curve.size(), 3u);
  EXPECT_EQ(record.curve[0].round, 1);
  EXPECT_NEAR(record.curve[0].value, sphere_after(2.0, 0), 1e-14);
  EXPECT_LT(record.curve[1].value, record.curve[0].value);
  for (const CurvePoint& point : record.curve) EXPECT_EQ(point.evaluations, point.round);
  EXPECT_EQ(objective_.counted, record.rounds);
  EXPECT_EQ(objective_.exact, 0);
  EXPECT_LT(record.rounds, 500);
  EXPECT_THAT(record.end, testing::AnyOf("stationary", "line_search"));
}

TEST_F(MeasuredRunTest, DivergenceIsARecordToo) {
  const RunRecord record = vanilla(1e200, {.rules = {.iterations = 50}});
  EXPECT_TRUE(record.failed());
  EXPECT_THAT(record.message, HasSubstr("not finite"));
  EXPECT_GE(record.curve.size(), 1u);
  EXPECT_LT(record.rounds, 50);
}

TEST_F(MeasuredRunTest, AFailingObjectiveIsARecordToo) {
  objective_.fail_after = 3;
  const RunRecord record = vanilla(2.0, {.rules = {.iterations = 50}});
  EXPECT_TRUE(record.failed());
  EXPECT_THAT(record.message, HasSubstr("broken on purpose"));
  EXPECT_EQ(record.rounds, 3);
  EXPECT_EQ(record.curve.size(), 3u);
}

TEST_F(MeasuredRunTest, AnInterruptedRunIsNone) {
  Sequential method(evaluator_, descent(2.0), 1, 0);
  int asked = 0;
  EXPECT_FALSE(measured_run(method, evaluator_, objective_.initial_point(), {.rules = {.iterations = 50}},
                            [&] { return ++asked > 3; }));
  EXPECT_EQ(objective_.counted, 3);
}

}  // namespace
}  // namespace optex
