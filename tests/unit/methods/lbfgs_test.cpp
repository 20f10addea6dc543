#include "optex/methods/lbfgs.hpp"

#include "optex/core/reductions.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/anderson.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/objectives/quadratic.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "formula.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::Formula;
using test::point;

/// Evaluations until the best value is at most `gap`; -1 when it takes more than 500.
int evaluations_to(const Objective& objective, Method& method, const Vector& start, double gap,
                   RunState* end = nullptr) {
  RunState run = method.initial_state(start);
  for (int t = 1; t <= 500 && !method.finished(run); ++t) {
    method.iterate(run);
    EXPECT_EQ(run.evaluations, t) << "a round is one evaluation";
    if (run.best.value > gap) continue;
    Vector gradient(objective.dimension());
    EXPECT_EQ(objective.value_and_gradient(run.best.theta, SampleKey::exact(), 0, gradient), run.best.value);
    if (end != nullptr) *end = run;
    return t;
  }
  return -1;
}

// scipy.optimize.minimize(method="L-BFGS-B") 1.10.1 takes 44, 3 and 28 evaluations here.
TEST(Lbfgs, EvaluationsToAGapAreThoseOfAGoodImplementation) {
  const auto count = [](const Objective& objective, const Vector& start, double gap) {
    SerialEvaluator evaluator(objective);
    Lbfgs method(evaluator, {});
    return evaluations_to(objective, method, start, gap);
  };
  const int valley = count(Rosenbrock(2), point({-1.2, 1.0}), 1e-10);
  EXPECT_GE(valley, 30);
  EXPECT_LE(valley, 45);
  EXPECT_LE(count(Sphere(10), Sphere(10).initial_point(), 1e-20), 3);
  EXPECT_LE(count(Quadratic(20, 100.0), Quadratic(20, 100.0).initial_point(), 1e-6), 30);
}

TEST(Lbfgs, ThetaIsTheAcceptedPointAndItsValueNeverRises) {
  const Rosenbrock objective(2);
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {});
  RunState run = method.initial_state(point({-1.2, 1.0}));
  Vector gradient(2);
  double last = std::numeric_limits<double>::infinity();
  int moved = 0;
  for (int t = 0; t < 40; ++t) {
    const IterationReport report = method.iterate(run);
    EXPECT_EQ(report.value, objective.value_and_gradient(run.theta, SampleKey::exact(), 0, gradient));
    EXPECT_EQ(report.gradient_norm, norm(gradient));
    EXPECT_LE(report.value, last);
    EXPECT_EQ(report.accepted == 1, t > 0 && report.value < last) << "round " << t + 1;
    last = report.value;
    moved += static_cast<int>(report.accepted);
  }
  EXPECT_GT(moved, 20);
  EXPECT_LT(moved, 39) << "every trial was accepted: the line search was never at work";
}

TEST(Lbfgs, MemoryIsWhatMakesItFast) {
  const Quadratic objective(100, 1e4);
  SerialEvaluator evaluator(objective);
  Lbfgs little(evaluator, {.memory = 1});
  Lbfgs much(evaluator, {.memory = 30});
  const int few = evaluations_to(objective, much, objective.initial_point(), 1e-8);
  const int many = evaluations_to(objective, little, objective.initial_point(), 1e-8);
  EXPECT_GT(few, 0);
  EXPECT_TRUE(many == -1 || many > few);
}

TEST(Lbfgs, StopsAtAStationaryPoint) {
  const Sphere objective(4);
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {});
  RunState run = method.initial_state(Vector::Zero(4));
  EXPECT_FALSE(method.finished(run));
  method.iterate(run);
  ASSERT_TRUE(method.finished(run));
  EXPECT_EQ(method.finished(run)->reason, "stationary");
}

TEST(Lbfgs, AWrongGradientEndsTheRunWithAReason) {
  // F rises along the "descent" that the gradient promises.
  const Formula objective(2, [](ConstVectorRef theta, VectorRef gradient) {
    gradient = -theta;
    return 1.0 + 0.5 * theta.squaredNorm();
  });
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {});
  RunState run = method.initial_state(Vector::Ones(2));
  for (int t = 0; t < 100 && !method.finished(run); ++t) method.iterate(run);
  ASSERT_TRUE(method.finished(run));
  EXPECT_EQ(method.finished(run)->reason, "line_search");
  EXPECT_EQ(run.theta, Vector::Ones(2));
  EXPECT_LE(run.evaluations, 21);
}

TEST(Lbfgs, AtTheLimitOfPrecisionTheRunEnds) {
  const Rosenbrock objective(6);
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {});
  RunState run = method.initial_state(objective.initial_point());
  for (int t = 0; t < 400 && !method.finished(run); ++t) method.iterate(run);
  EXPECT_TRUE(method.finished(run));
  EXPECT_LT(run.best.value, 1e-20);
}

TEST(Lbfgs, TrialsThatCannotBeEvaluatedShortenTheStep) {
  // Not defined above 1.2; the first step from 0.3 has length 1.
  const Formula objective(1, [](ConstVectorRef theta, VectorRef gradient) {
    if (theta[0] > 1.2) throw std::runtime_error("not defined");
    gradient[0] = 1.0 - 1.0 / theta[0];
    return theta[0] - std::log(theta[0]);
  });
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {});
  RunState run = method.initial_state(point({0.3}));
  Index dropped = 0;
  for (int t = 0; t < 60 && !method.finished(run); ++t) dropped += method.iterate(run).dropped_points;
  EXPECT_NEAR(run.theta[0], 1.0, 1e-6);
  EXPECT_GT(dropped, 0) << "the search never left the domain: the test shows nothing";
}

TEST(Lbfgs, InABoxTheAnswerIsTheConstrainedMinimum) {
  // Rosenbrock with x <= 0.5: the minimum is (0.5, 0.25), F = (0.5)^2 / 2.
  const Rosenbrock objective(2);
  SerialEvaluator evaluator(objective);
  const Bounds bounds(Vector::Constant(2, -2.0), point({0.5, 2.0}));
  Lbfgs method(evaluator, {.bounds = bounds});
  RunState run = method.initial_state(point({-1.2, 1.0}));
  IterationReport report;
  for (int t = 0; t < 200 && !method.finished(run); ++t) {
    report = method.iterate(run);
    ASSERT_TRUE(bounds.contains(run.theta));
    ASSERT_TRUE(bounds.contains(run.best.theta));
    if (report.gradient_norm < 1e-7) break;
  }
  EXPECT_LT(report.gradient_norm, 1e-7);
  EXPECT_EQ(run.theta[0], 0.5);
  EXPECT_NEAR(run.theta[1], 0.25, 1e-9);
  EXPECT_LE(run.evaluations, 60);
}

TEST(Lbfgs, InABoxAQuadraticIsSolvedToTheOptimalityConditions) {
  // Half of the coordinates of the free minimum lie outside.
  const Index d = 60;
  const Formula objective(d, [](ConstVectorRef theta, VectorRef gradient) {
    double value = 0.0;
    for (Index i = 0; i < theta.size(); ++i) {
      const double next = i + 1 < theta.size() ? theta[i + 1] : 0.0;
      const double before = i > 0 ? theta[i - 1] : 0.0;
      const double weight = 1.0 + static_cast<double>(i);
      gradient[i] = weight * theta[i] - 0.4 * (next + before) - 3.0 * std::sin(static_cast<double>(i));
      value += 0.5 * weight * theta[i] * theta[i] - 0.4 * theta[i] * next -
               3.0 * std::sin(static_cast<double>(i)) * theta[i];
    }
    return value;
  });
  SerialEvaluator evaluator(objective);
  const Bounds bounds(Vector::Constant(d, -0.05), Vector::Constant(d, 0.05));
  Lbfgs method(evaluator, {.bounds = bounds});
  RunState run = method.initial_state(Vector::Constant(d, 9.0));
  EXPECT_TRUE(bounds.contains(run.theta)) << "a start outside is projected";
  double gradient_norm = 1.0;
  for (int t = 0; t < 150 && gradient_norm > 1e-6 && !method.finished(run); ++t)
    gradient_norm = method.iterate(run).gradient_norm;
  EXPECT_LE(gradient_norm, 1e-6);
  Index held = 0;
  for (Index i = 0; i < d; ++i) held += std::abs(run.theta[i]) == 0.05 ? 1 : 0;
  EXPECT_GT(held, 10);
  EXPECT_LT(held, 50);
}

// ---- Anderson acceleration

TEST(Anderson, WithoutPairsItIsGradientDescent) {
  const Rosenbrock objective(10);
  SerialEvaluator evaluator(objective);
  Anderson method(evaluator, {.learning_rate = 0.002});
  Sequential plain(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.002}), 1, 0);
  RunState a = method.initial_state(objective.initial_point());
  RunState b = plain.initial_state(objective.initial_point());
  method.iterate(a);
  plain.iterate(b);
  EXPECT_LT((a.theta - b.theta).norm(), 1e-15);
}

TEST(Anderson, ALinearMapOfOneVariableIsSolvedByTheFirstSecant) {
  const Formula objective(1, [](ConstVectorRef theta, VectorRef gradient) {
    gradient[0] = 3.0 * (theta[0] - 7.0);
    return 1.5 * (theta[0] - 7.0) * (theta[0] - 7.0);
  });
  SerialEvaluator evaluator(objective);
  Anderson method(evaluator, {.learning_rate = 0.01});
  RunState run = method.initial_state(point({-100.0}));
  method.iterate(run);
  method.iterate(run);
  EXPECT_NEAR(run.theta[0], 7.0, 1e-11);
}

TEST(Anderson, OnAQuadraticItNeedsAsManyRoundsAsThereAreEigenvalues) {
  // With full memory it is equivalent to GMRES (Walker and Ni), which ends after d steps.
  const Formula objective(6, [](ConstVectorRef theta, VectorRef gradient) {
    double value = 0.0;
    for (Index i = 0; i < 6; ++i) {
      const double weight = 1.0 + 3.0 * static_cast<double>(i);
      gradient[i] = weight * theta[i];
      value += 0.5 * weight * theta[i] * theta[i];
    }
    return value;
  });
  SerialEvaluator evaluator(objective);
  Anderson method(evaluator, {.learning_rate = 0.05});
  const int rounds = evaluations_to(objective, method, Vector::Ones(6), 1e-18);
  EXPECT_GE(rounds, 7);
  EXPECT_LE(rounds, 9);
  Anderson forgetful(evaluator, {.learning_rate = 0.05, .memory = 1});
  EXPECT_GT(evaluations_to(objective, forgetful, Vector::Ones(6), 1e-18), rounds);
}

TEST(Anderson, ACombinationThatMakesThingsWorseIsTakenBack) {
  // Fitted far out, where the slope levels off, the first secant overshoots the narrow well by far.
  const Formula objective(1, [](ConstVectorRef theta, VectorRef gradient) {
    const double x = theta[0];
    gradient[0] = x / std::sqrt(1.0 + x * x) + 4.0 * std::pow(std::max(0.0, -x - 1.0), 3);
    return std::sqrt(1.0 + x * x) + std::pow(std::max(0.0, -x - 1.0), 4);
  });
  SerialEvaluator evaluator(objective);
  Anderson method(evaluator, {.learning_rate = 0.5});
  RunState run = method.initial_state(point({6.0}));
  bool taken_back = false;
  for (int t = 0; t < 60 && !method.finished(run); ++t) {
    const RunState before = run;
    const IterationReport report = method.iterate(run);
    if (report.accepted != 0) continue;
    taken_back = true;
    EXPECT_EQ(before.secants.extrapolated, 1);
    EXPECT_EQ(run.secants.pairs.size(), 0);
    EXPECT_EQ(run.secants.base_theta, before.secants.base_theta);
    EXPECT_NEAR(run.theta[0], before.secants.base_theta[0] - 0.5 * before.secants.base_gradient[0], 1e-14);
  }
  EXPECT_TRUE(taken_back) << "the safeguard was never needed: the test shows nothing";
  EXPECT_NEAR(run.best.theta[0], 0.0, 1e-6);
}

TEST(Anderson, DependentColumnsAreDropped) {
  // One direction only: from the second pair on all columns are parallel.
  const Formula objective(3, [](ConstVectorRef theta, VectorRef gradient) {
    gradient = Vector::Constant(3, std::pow(theta.sum(), 3));
    return 0.25 * std::pow(theta.sum(), 4);
  });
  SerialEvaluator evaluator(objective);
  Anderson method(evaluator, {.learning_rate = 0.01});
  RunState run = method.initial_state(Vector::Ones(3));
  for (int t = 0; t < 12; ++t) {
    method.iterate(run);
    EXPECT_LE(run.secants.pairs.size(), 1);
    ASSERT_TRUE(run.theta.allFinite());
  }
  EXPECT_LT(run.best.value, 1e-3);
}

TEST(Anderson, StaysInTheBoxAndFindsItsMinimum) {
  const Rosenbrock objective(2);
  SerialEvaluator evaluator(objective);
  const Bounds bounds(Vector::Constant(2, -2.0), point({0.5, 2.0}));
  Anderson method(evaluator, {.learning_rate = 0.002, .bounds = bounds});
  RunState run = method.initial_state(point({-1.2, 1.0}));
  double gradient_norm = 1.0;
  for (int t = 0; t < 900 && gradient_norm > 1e-6 && !method.finished(run); ++t) {
    gradient_norm = method.iterate(run).gradient_norm;
    ASSERT_TRUE(bounds.contains(run.theta));
  }
  EXPECT_LE(gradient_norm, 1e-6);
  EXPECT_EQ(run.secants.base_theta[0], 0.5);
}

/// All that the next round depends on is in RunState: another object goes on from a copy with the same bits.
TEST(SecantMethods, AnotherObjectGoesOnFromAnyRound) {
  const Rosenbrock objective(12);
  SerialEvaluator evaluator(objective);
  const auto check = [&](const std::function<std::unique_ptr<Method>()>& make) {
    std::vector<RunState> states;
    const auto whole = make();
    RunState run = whole->initial_state(objective.initial_point());
    for (int t = 0; t < 40; ++t) {
      states.push_back(run);
      whole->iterate(run);
    }
    for (std::size_t from = 0; from < states.size(); from += 3) {
      RunState resumed = states[from];
      const auto other = make();
      for (std::size_t t = from; t < states.size(); ++t) other->iterate(resumed);
      ASSERT_EQ(resumed.theta, run.theta) << "from round " << from;
      ASSERT_EQ(resumed.secants.line_search.step, run.secants.line_search.step);
    }
  };
  check([&] { return std::make_unique<Lbfgs>(evaluator, Lbfgs::Options{.memory = 4}); });
  check([&] { return std::make_unique<Anderson>(evaluator, Anderson::Options{.learning_rate = 0.005}); });
}

}  // namespace
}  // namespace optex
