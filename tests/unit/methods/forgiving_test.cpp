#include "optex/methods/forgiving.hpp"

#include "optex/core/errors.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/data_parallel.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/sgd.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::HasSubstr;

constexpr Index d = 6;
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// A sphere with holes: `hole` says where, for which key, there is no value.
class Holed final : public Objective {
 public:
  using Hole = std::function<bool(ConstVectorRef, const SampleKey&)>;
  explicit Holed(Hole hole, bool throws = true) : hole_(std::move(hole)), throws_(throws) {}
  Index dimension() const override { return d; }
  Vector initial_point() const override { return Vector::Constant(d, 2.0); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    const double value = sphere_.value_and_gradient(theta, key, shard, gradient);
    if (!hole_(theta, key)) return value;
    if (throws_) throw InfeasiblePoint("a hole");
    return nan_value;
  }

 private:
  Sphere sphere_{d};
  Hole hole_;
  bool throws_;
};

std::shared_ptr<const Optimizer> sgd(double rate) {
  return std::make_shared<Sgd>(Sgd::Options{.learning_rate = rate});
}

Forgiving::Builder vanilla(double rate) {
  return [rate](Evaluator& evaluator) {
    return std::make_unique<Sequential>(evaluator, sgd(rate), 1, std::uint64_t{7});
  };
}

Forgiving::Builder replay_with(double rate) {
  return [rate](Evaluator& evaluator) {
    return std::make_unique<Optex>(
        evaluator, sgd(rate),
        std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                          HyperparameterRules{}),
        Optex::Options{.parallelism = 8, .update = UpdateRule::replay, .seed = 7});
  };
}

Forgiving::Builder whitened() {
  return [](Evaluator& evaluator) {
    return std::make_unique<Whitened>(
        evaluator, Whitened::Options{.parallelism = 4, .learning_rate = 0.05, .any_batch = true, .seed = 7});
  };
}

bool never(ConstVectorRef, const SampleKey&) { return false; }
/// Steps of SGD with a large rate land in here: the minimum lies at its border.
bool beyond_zero(ConstVectorRef theta, const SampleKey&) { return theta[0] < -0.1; }

class EveryMethod : public testing::TestWithParam<Forgiving::Builder> {};

TEST_P(EveryMethod, IsItselfAsLongAsNothingFails) {
  const Holed objective(never);
  SerialEvaluator evaluator(objective);
  const auto plain = GetParam()(evaluator);
  Forgiving forgiving(evaluator, {}, GetParam());
  RunState a = plain->initial_state(objective.initial_point());
  RunState b = forgiving.initial_state(objective.initial_point());
  for (int t = 0; t < 12; ++t) {
    const double value = plain->iterate(a).value;
    const IterationReport report = forgiving.iterate(b);
    ASSERT_EQ(report.value, value);
    ASSERT_FALSE(report.iterate_dropped);
    ASSERT_EQ(a.theta, b.theta);
    ASSERT_EQ(a.evaluations, b.evaluations);
  }
}
INSTANTIATE_TEST_SUITE_P(Forgiving, EveryMethod, testing::Values(vanilla(0.3), replay_with(0.3), whitened()));

class ChainOrNot : public testing::TestWithParam<Forgiving::Builder> {};

TEST_P(ChainOrNot, GoesRoundAHoleAndKeepsItOutOfTheHistory) {
  for (const bool throws : {true, false}) {
    const Holed objective(beyond_zero, throws);
    SerialEvaluator evaluator(objective);
    Forgiving method(evaluator, {}, GetParam());
    RunState run = method.initial_state(objective.initial_point());
    int dropped = 0;
    for (int t = 0; t < 40; ++t) {
      const Vector before = run.good.theta;
      const IterationReport report = method.iterate(run);
      ASSERT_EQ(report.iteration, t + 1);
      if (!report.iterate_dropped) continue;
      ++dropped;
      EXPECT_EQ(report.accepted, 0);
      EXPECT_THAT(report.failure, HasSubstr(throws ? "infeasible: a hole" : "not finite"));
      EXPECT_EQ(run.good.theta, before);
      EXPECT_GE(run.good.dropped, 1);
    }
    EXPECT_GT(dropped, 0);  // or this test would say nothing
    EXPECT_LT(run.best.value, 0.1);
    for (Index i = 0; i < run.history.size(); ++i) EXPECT_GE(Vector(run.history.theta(i))[0], -0.1);
    EXPECT_TRUE(run.theta.allFinite());
  }
}

TEST_P(ChainOrNot, GoesOnFromItsStateAlone) {
  const Holed objective(beyond_zero);
  SerialEvaluator evaluator(objective);
  Forgiving whole(evaluator, {}, GetParam());
  RunState a = whole.initial_state(objective.initial_point());
  for (int t = 0; t < 30; ++t) {
    RunState b = a;
    Forgiving resumed(evaluator, {}, GetParam());
    whole.iterate(a);
    resumed.iterate(b);
    ASSERT_EQ(a.theta, b.theta) << "round " << t + 1;
    ASSERT_EQ(a.good.theta, b.good.theta);
  }
}
INSTANTIATE_TEST_SUITE_P(Forgiving, ChainOrNot, testing::Values(vanilla(0.55 * d), replay_with(0.55 * d)));

TEST(Forgiving, HalvesTheWayBack) {
  // The first step goes from 2 to -2; 0 and 1 are holes as well.
  const Holed objective([](ConstVectorRef theta, const SampleKey&) { return theta[0] < 1.5; });
  SerialEvaluator evaluator(objective);
  Forgiving method(evaluator, {}, vanilla(1.0 * d));
  RunState run = method.initial_state(objective.initial_point());
  std::vector<double> places;
  for (int t = 0; t < 5; ++t) {
    method.iterate(run);
    places.push_back(run.theta[0]);
  }
  EXPECT_EQ(run.good.dropped, 0);
  ASSERT_EQ(places.size(), 5U);
  EXPECT_EQ(places[0], -2.0);
  EXPECT_EQ(places[1], 0.0);
  EXPECT_EQ(places[2], 1.0);
  EXPECT_EQ(places[3], 1.5);
  EXPECT_EQ(places[4], -1.5);  // from 1.5, which is good
  EXPECT_EQ(run.evaluations, 5);
}

TEST(Forgiving, TakesTheBestPointOfTheRoundWhenItIsNoWorse) {
  // From the third round on the first point of every round fails, wherever it lies.
  const Holed objective(
      [](ConstVectorRef, const SampleKey& key) { return key.iteration >= 3 && key.point == 0; });
  SerialEvaluator evaluator(objective);
  Forgiving method(evaluator, {}, replay_with(0.1));
  RunState run = method.initial_state(objective.initial_point());
  run.best.theta = run.theta;  // as KeepingBest does
  for (int t = 0; t < 3; ++t) method.iterate(run);
  const double good_value = run.good.value;
  const IterationReport report = method.iterate(run);
  EXPECT_EQ(report.update, "best_point");
  EXPECT_LE(run.best.value, good_value);
  Vector gradient(d);
  EXPECT_EQ(objective.value_and_gradient(run.theta, {}, 0, gradient), run.best.value);
  EXPECT_EQ(run.best.theta, run.theta);
}

TEST(Forgiving, EndsWhenTooManyIteratesInARowFail) {
  const Holed objective([](ConstVectorRef, const SampleKey& key) { return key.iteration >= 2; });
  SerialEvaluator evaluator(objective);
  Forgiving method(evaluator, {.drops = 3}, vanilla(0.1));
  RunState run = method.initial_state(objective.initial_point());
  for (int t = 0; t < 5; ++t) method.iterate(run);
  const Vector theta = run.theta;
  try {
    method.iterate(run);
    FAIL() << "the fourth dropped iterate in a row";
  } catch (const EvaluationError& error) {
    FAIL() << "not with its limit: " << error.what();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::evaluation_failed);
    EXPECT_THAT(error.what(), HasSubstr("round 6: "));
    EXPECT_THAT(error.what(), HasSubstr("3 iterates before it were dropped in a row (failure.drops)"));
  }
  EXPECT_EQ(run.theta, theta);
  EXPECT_EQ(run.iteration, 5);
}

TEST(Forgiving, HasNowhereToGoFromABadStart) {
  for (const bool throws : {true, false}) {
    const Holed objective([](ConstVectorRef, const SampleKey&) { return true; }, throws);
    SerialEvaluator evaluator(objective);
    Forgiving method(evaluator, {}, vanilla(0.1));
    RunState run = method.initial_state(objective.initial_point());
    try {
      method.iterate(run);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), throws ? ExitCode::evaluation_failed : ExitCode::numerical);
      EXPECT_THAT(error.what(), HasSubstr("there is no good iterate to go back to"));
    }
  }
}

TEST(Forgiving, AMeanNeedsOneBatchOnly) {
  const Holed objective([](ConstVectorRef, const SampleKey& key) { return key.point != 2; });
  SerialEvaluator evaluator(objective);
  DataParallel any(evaluator, sgd(0.1), {.parallelism = 4, .any_batch = true, .seed = 7});
  DataParallel first(evaluator, sgd(0.1), {.parallelism = 4, .seed = 7});
  RunState run = any.initial_state(objective.initial_point());
  const IterationReport report = any.iterate(run);
  EXPECT_EQ(report.dropped_points, 3);
  EXPECT_EQ(report.value, 4.0);
  EXPECT_THAT(report.failure, HasSubstr("point 0, shard 0: infeasible: a hole"));
  EXPECT_THROW(first.iterate(run), EvaluationError);
}

TEST(Forgiving, AMethodWithAPathStaysAndDrawsAnew) {
  const Holed objective([](ConstVectorRef, const SampleKey& key) { return key.iteration == 3; });
  SerialEvaluator evaluator(objective);
  Forgiving method(evaluator, {}, whitened());
  RunState run = method.initial_state(objective.initial_point());
  for (int t = 0; t < 3; ++t) method.iterate(run);
  const Vector theta = run.theta;
  const Matrix moments = run.optimizer.moments;
  EXPECT_EQ(method.iterate(run).update, "stay");
  EXPECT_EQ(run.theta, theta);
  EXPECT_EQ(run.optimizer.moments, moments);
  EXPECT_FALSE(method.iterate(run).iterate_dropped);
}

}  // namespace
}  // namespace optex
