// Ends that look like a minimum and are none: each has its own word, and is no success.
#include "optex/minimize/minimize.hpp"
#include "optex/objectives/test_functions.hpp"

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "support/smooth_functions.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::FunctionObjective;
using testing::ElementsAre;

/// Has no value anywhere but at its start, or, with `unit`, one whose x is in a far smaller unit.
class DeadEnd final : public Objective {
 public:
  explicit DeadEnd(double unit) : unit_(unit) {}
  Index dimension() const override { return 6; }
  Vector initial_point() const override { return Vector::Constant(6, unit_ > 0.0 ? 3.0 * unit_ : 2.0); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    if (unit_ > 0.0) {
      const auto x = theta.array() / unit_ - 1.0;
      gradient = 4.0 / unit_ * x.cube();
      return x.square().square().sum();
    }
    gradient = 2.0 * theta;
    return theta == initial_point() ? theta.squaredNorm() : std::nan("");
  }

 private:
  double unit_;
};

TEST(FalseSuccess, ALineSearchThatGivesUpWhereFIsNotFlatIsNoSuccess) {
  for (const double unit : {0.0, 1e-14}) {
    const DeadEnd objective(unit);
    MinimizeOptions options;
    options.strategy = Strategy::lbfgs;
    options.stop = {.iterations = 500};
    const Outcome outcome = minimize(objective, options);
    EXPECT_EQ(outcome.reason, "no_descent") << unit;
    EXPECT_EQ(outcome.code, ExitCode::evaluation_failed) << unit;
    EXPECT_EQ(outcome.solution, objective.initial_point()) << unit;
  }
}

// While L-BFGS still looks for a step that is short enough, those of the model become too short to be any:
// they find F as it was.
TEST(FalseSuccess, StepsThatRoundingMadeNoneDoNotSayThatFIsPrecise) {
  const Vector unit = test::made_of(20, [](double i) { return std::pow(10.0, 12.0 * i / 19.0 - 6.0); });
  const FunctionObjective valley = test::rosenbrock(Vector::Constant(20, -1.0));
  const FunctionObjective objective(-unit, [&](const Vector& x, Vector& g) {
    const double value = valley.value_and_gradient(x.cwiseQuotient(unit), SampleKey::exact(), 0, g);
    g.array() /= unit.array();
    return value;
  });
  for (const Index points : {2, 4}) {
    MinimizeOptions options;
    options.strategy = Strategy::surrogate;
    options.parallelism = points;
    options.stop.iterations = 30;
    const Outcome outcome = minimize(objective, options);
    EXPECT_EQ(outcome.reason, "iterations") << points;
    EXPECT_LT(outcome.best_value, 7000.0) << points;  // 7676 at the start
  }
}

// No model, for changes are beyond all numbers: points draw near the best one until F is as it was, while
// L-BFGS still comes back from far away.
TEST(FalseSuccess, PointsThatDrawNearTheBestOneDoNotSayThatFIsPrecise) {
  Vector scale(8), start(8);
  scale << 4.25149745e-02, 8.55406610, 8.30810774e-02, 17.2580951, 36.1532014, 1.36728364e-05, 579.903897,
      9.06869625e+04;
  start << -4.95498373, -6.72042057e-01, -6.06545969, -2.80061318e-03, 2.02364306e-01, 2.40235052e+05,
      4.60648076e-03, 1.66221964e-05;
  const FunctionObjective quartic(start, [&](const Vector& x, Vector& g) {
    const auto scaled = (x.array() * scale.array()).eval();
    g = 4.0 * scaled.cube() * scale.array();
    return scaled.square().square().sum();
  });
  for (const Index points : {4, 8}) {
    MinimizeOptions options;
    options.strategy = Strategy::surrogate;
    options.parallelism = points;
    const Outcome outcome = minimize(quartic, options);
    EXPECT_LT(outcome.best_value, 1.0) << points << ": " << outcome.message;  // 4130 at the start
  }
}

/// Rosenbrock's function, whose gradient somebody has spoilt.
class Spoilt final : public Objective {
 public:
  explicit Spoilt(std::function<void(const Vector& theta, VectorRef)> spoil) : spoil_(std::move(spoil)) {}
  Index dimension() const override { return 12; }
  Vector initial_point() const override { return objective_.initial_point(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    const double value = objective_.value_and_gradient(theta, key, shard, gradient);
    spoil_(theta, gradient);
    return value;
  }

 private:
  Rosenbrock objective_{12};
  std::function<void(const Vector&, VectorRef)> spoil_;
};

TEST(FalseSuccess, AGradientThatItsValuesContradictIsNoSuccess) {
  const Spoilt uphill([](const Vector&, VectorRef g) { g = -g; });
  const Spoilt zero([](const Vector&, VectorRef g) { g.setZero(); });
  for (const Spoilt* const wrong : {&uphill, &zero}) {
    MinimizeOptions options;
    options.parallelism = 8;
    options.stop.iterations = 100;
    const Outcome outcome = minimize(*wrong, options);
    EXPECT_EQ(outcome.code, ExitCode::evaluation_failed) << outcome.message;
    EXPECT_EQ(outcome.reason, "disagreement");
    EXPECT_THAT(outcome.message, testing::HasSubstr("optex gradcheck"));
  }
}

/// F(x) in the words of a test, d numbers that begin between 0.5 and 1.5.
FunctionObjective told(Index d, FunctionObjective::Function function) {
  return {Vector::LinSpaced(d, 0.5, 1.5), std::move(function)};
}

MinimizeOptions with(Strategy strategy, Index points) {
  MinimizeOptions options;
  options.strategy = strategy;
  options.parallelism = points;
  return options;
}

TEST(FalseSuccess, AGradientOfTheWrongSignIsNoSuccessWithOnePointARound) {
  const auto uphill = [](const Vector& x, VectorRef g) {
    g = -2.0 * x;
    return x.squaredNorm();
  };
  for (const Index d : {1, 3, 50, 2000})
    for (const Strategy strategy : {Strategy::automatic, Strategy::lbfgs}) {
      const Outcome outcome = minimize(told(d, uphill), with(strategy, 1));
      EXPECT_EQ(outcome.reason, "disagreement") << d << ": " << outcome.message;
      EXPECT_EQ(outcome.code, ExitCode::evaluation_failed);
    }
}

TEST(FalseSuccess, AGradientOfZeroIsNoSuccessWhereProbesChangeF) {
  const auto zero = [](const Vector& x, VectorRef g) {
    g.setZero();
    return x.squaredNorm();
  };
  const auto flat = [](const Vector&, VectorRef g) {
    g.setZero();
    return 3.0;
  };
  for (const Index d : {1, 50})
    for (const Index points : {2, 4}) {
      EXPECT_EQ(minimize(told(d, zero), with(Strategy::automatic, points)).reason, "disagreement") << d;
      EXPECT_EQ(minimize(told(d, flat), with(Strategy::automatic, points)).code, ExitCode::success) << d;
    }
  // Without probes nobody knows; it is said.
  EXPECT_THAT(minimize(told(50, zero), with(Strategy::automatic, 1)).warnings,
              ElementsAre(testing::HasSubstr("the gradient is 0 at the start")));
}

// Close to the minimum F is the same to the last digit in several points of a round.
TEST(FalseSuccess, OfPointsWithTheSameFTheOneWithTheSmallestGradientIsTheBest) {
  const FunctionObjective bowl = told(2, [](const Vector& x, VectorRef g) {
    const double t = x[0] - 1.0, u = x[1] + 3.0;
    g << 2.0 * std::sinh(2.0 * t), 2.0 * u;
    return 1000.0 + std::cosh(2.0 * t) + u * u;
  });
  for (const Index points : {2, 4, 8}) {
    MinimizeOptions options = with(Strategy::automatic, points);
    Vector lower(2), upper(2);
    lower << -5.0, 0.0;  // holds the second coordinate
    upper << 5.0, 4.0;
    options.bounds = Bounds(lower, upper);
    const Outcome outcome = minimize(bowl, options);
    EXPECT_EQ(outcome.reason, "gradient_tolerance") << points << ": " << outcome.message;
    EXPECT_EQ(outcome.answer, AnswerPoint::best_point);
  }
}

TEST(FalseSuccess, AnFWithAnAbsoluteErrorContradictsNothing) {
  const FunctionObjective objective = told(6, [](const Vector& x, VectorRef g) {
    const Vector miss = x.array() - 2.0;
    g = 4.0 * miss.array().cube();
    volatile const double sum = 1e8 + miss.array().square().square().sum();  // rounded to 1.5e-8
    return sum - 1e8;
  });
  for (const Index points : {1, 2, 16}) {
    MinimizeOptions options;
    options.parallelism = points;
    options.start = Vector::Constant(6, -0.5);
    const Outcome outcome = minimize(objective, options);
    EXPECT_EQ(outcome.code, ExitCode::success) << points << ": " << outcome.message;
  }
}

TEST(FalseSuccess, WithinAllLimitsNoFFallsWithoutBound) {
  const FunctionObjective objective = told(3, [](const Vector& x, VectorRef g) {
    g.setConstant(-1e101);
    return -1e101 * x.sum();
  });
  for (const Index points : {1, 4}) {
    MinimizeOptions options;
    options.parallelism = points;
    options.start = Vector::Zero(3);
    options.bounds = Bounds(Vector::Zero(3), Vector::Ones(3));
    const Outcome outcome = minimize(objective, options);
    EXPECT_EQ(outcome.code, ExitCode::success) << points << ": " << outcome.message;
    EXPECT_EQ(outcome.solution, Vector::Ones(3)) << points;
  }
}

TEST(FalseSuccess, AnFThatFallsWithoutBoundIsNoSuccess) {
  const auto cubes = [](const Vector& x, VectorRef g) {
    g = 3.0 * (x.array() - 2.0).square();
    return (x.array() - 2.0).cube().sum();
  };
  const auto slope = [](const Vector& x, VectorRef g) {
    g.setConstant(-1.0);
    return -x.sum();
  };
  const auto powers = [](const Vector& x, VectorRef g) {
    g = -x.array().exp();
    return g.sum();
  };
  for (const FunctionObjective::Function& falls :
       std::vector<FunctionObjective::Function>{cubes, slope, powers})
    for (const double unit : {1e-30, 1.0, 1e120})
      for (const auto& [strategy, points] : std::vector<std::pair<Strategy, Index>>{
               {Strategy::automatic, 1}, {Strategy::automatic, 4}, {Strategy::lbfgs, 1}}) {
        const FunctionObjective objective = told(1, [&](const Vector& x, Vector& g) {
          const double value = falls(x, g);
          g *= unit;
          return unit * value;
        });
        const Outcome outcome = minimize(objective, with(strategy, points));
        EXPECT_EQ(outcome.reason, "unbounded") << unit << ", " << points << ": " << outcome.message;
        EXPECT_EQ(outcome.code, ExitCode::evaluation_failed);
        EXPECT_LT(outcome.final_value, -1e100 * std::fmax(unit, 1.0));
      }
  const auto pole = [](const Vector& x, VectorRef g) {
    g = 2.0 / x.array().cube();
    return -x.array().square().inverse().sum();
  };
  EXPECT_EQ(minimize(told(2, pole), with(Strategy::automatic, 1)).reason, "unbounded");
  EXPECT_EQ(minimize(told(2, pole), with(Strategy::automatic, 4)).reason, "unbounded");
  MinimizeOptions wanted = with(Strategy::automatic, 4);
  wanted.stop.value = -1e120;
  EXPECT_EQ(minimize(told(3, slope), wanted).reason, "value");
}

TEST(FalseSuccess, AGradientThatIsALittleOffIsAWarning) {
  MinimizeOptions options;
  options.parallelism = 8;
  const Outcome outcome = minimize(Spoilt([](const Vector&, VectorRef g) { g *= 1.01; }), options);
  EXPECT_EQ(outcome.reason, "gradient_tolerance") << outcome.message;
  EXPECT_THAT(outcome.warnings, ElementsAre(testing::HasSubstr("gradient and values disagree")));
}

TEST(FalseSuccess, GoodGradientsAreNotSuspected) {
  const Ackley ackley(20);
  const StyblinskiTang styblinski(12);
  const AbsoluteDeviation kinks(20);
  const Spoilt good([](const Vector&, VectorRef) {});
  for (const Objective* const objective : std::vector<const Objective*>{&ackley, &styblinski, &kinks, &good})
    for (const Strategy strategy : {Strategy::surrogate, Strategy::lbfgs})
      for (const Index points : {1, 3, 8}) {
        MinimizeOptions options;
        options.strategy = strategy;
        options.parallelism = points;
        options.stop.iterations = 40;
        bool suspected = false;
        options.on_iteration = [&](const RunState& run, const IterationReport&) {
          suspected = suspected || run.progress.values.is_biased() || run.progress.values.contradicts();
          return Wish::go_on;
        };
        const Outcome outcome = minimize(*objective, options);
        EXPECT_EQ(outcome.code, ExitCode::success) << outcome.message;
        EXPECT_FALSE(suspected);
      }
}

}  // namespace
}  // namespace optex
