#include "optex/minimize/minimize.hpp"

#include "optex/core/errors.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/objectives/noisy.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::ElementsAre;

MinimizeOptions rounds(std::int64_t iterations) {
  MinimizeOptions options;
  options.learning_rate = 0.02;
  options.stop = {.iterations = iterations};
  return options;
}

TEST(Minimize, EveryStrategyGetsLower) {
  const Rosenbrock objective(30);
  Vector gradient(30);
  const double start = objective.value_and_gradient(objective.initial_point(), {}, 0, gradient);
  for (const Strategy strategy :
       {Strategy::automatic, Strategy::replay, Strategy::sequence, Strategy::whitened, Strategy::vanilla,
        Strategy::lbfgs, Strategy::surrogate}) {
    MinimizeOptions options = rounds(15);
    options.strategy = strategy;
    const Outcome outcome = minimize(objective, options);
    EXPECT_EQ(outcome.code, ExitCode::success) << static_cast<int>(strategy) << outcome.message;
    EXPECT_EQ(outcome.reason, "iterations");
    EXPECT_LT(outcome.final_value, start) << static_cast<int>(strategy);
    EXPECT_EQ(outcome.solution.size(), 30);
  }
}

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

TEST(Minimize, ALineSearchThatGivesUpWhereFIsNotFlatIsNoSuccess) {
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

/// A sphere whose values are rounded to those near 1e10.
class Shifted final : public Objective {
 public:
  Index dimension() const override { return 6; }
  Vector initial_point() const override { return Vector::Constant(6, 2.0); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    gradient = 2.0 * theta;
    return 1e10 + theta.squaredNorm();
  }
};

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

TEST(Minimize, AGradientThatItsValuesContradictIsNoSuccess) {
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
class Told final : public Objective {
 public:
  using Function = std::function<double(const Vector& theta, VectorRef gradient)>;
  Told(Index dimension, Function function) : dimension_(dimension), function_(std::move(function)) {}
  Index dimension() const override { return dimension_; }
  Vector initial_point() const override { return Vector::LinSpaced(dimension_, 0.5, 1.5); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    return function_(theta, gradient);
  }

 private:
  Index dimension_;
  Function function_;
};

MinimizeOptions with(Strategy strategy, Index points) {
  MinimizeOptions options;
  options.strategy = strategy;
  options.parallelism = points;
  return options;
}

TEST(Minimize, AGradientOfTheWrongSignIsNoSuccessWithOnePointARound) {
  const auto uphill = [](const Vector& x, VectorRef g) {
    g = -2.0 * x;
    return x.squaredNorm();
  };
  for (const Index d : {1, 3, 50, 2000})
    for (const Strategy strategy : {Strategy::automatic, Strategy::lbfgs}) {
      const Outcome outcome = minimize(Told(d, uphill), with(strategy, 1));
      EXPECT_EQ(outcome.reason, "disagreement") << d << ": " << outcome.message;
      EXPECT_EQ(outcome.code, ExitCode::evaluation_failed);
    }
}

TEST(Minimize, AGradientOfZeroIsNoSuccessWhereProbesChangeF) {
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
      EXPECT_EQ(minimize(Told(d, zero), with(Strategy::automatic, points)).reason, "disagreement") << d;
      EXPECT_EQ(minimize(Told(d, flat), with(Strategy::automatic, points)).code, ExitCode::success) << d;
    }
  // Without probes nobody knows; it is said.
  EXPECT_THAT(minimize(Told(50, zero), with(Strategy::automatic, 1)).warnings,
              ElementsAre(testing::HasSubstr("the gradient is 0 at the start")));
}

// Close to the minimum F is the same to the last digit in several points of a round.
TEST(Minimize, OfPointsWithTheSameFTheOneWithTheSmallestGradientIsTheBest) {
  const Told bowl(2, [](const Vector& x, VectorRef g) {
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

TEST(Minimize, AnFWithAnAbsoluteErrorContradictsNothing) {
  const Told objective(6, [](const Vector& x, VectorRef g) {
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

TEST(Minimize, WithinAllLimitsNoFFallsWithoutBound) {
  const Told objective(3, [](const Vector& x, VectorRef g) {
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

TEST(Minimize, AnFThatFallsWithoutBoundIsNoSuccess) {
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
  for (const Told::Function& falls : std::vector<Told::Function>{cubes, slope, powers})
    for (const double unit : {1e-30, 1.0, 1e120})
      for (const auto& [strategy, points] : std::vector<std::pair<Strategy, Index>>{
               {Strategy::automatic, 1}, {Strategy::automatic, 4}, {Strategy::lbfgs, 1}}) {
        const Told objective(1, [&](const Vector& x, VectorRef g) {
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
  EXPECT_EQ(minimize(Told(2, pole), with(Strategy::automatic, 1)).reason, "unbounded");
  EXPECT_EQ(minimize(Told(2, pole), with(Strategy::automatic, 4)).reason, "unbounded");
  MinimizeOptions wanted = with(Strategy::automatic, 4);
  wanted.stop.value = -1e120;
  EXPECT_EQ(minimize(Told(3, slope), wanted).reason, "value");
}

TEST(Minimize, AGradientThatIsALittleOffIsAWarning) {
  MinimizeOptions options;
  options.parallelism = 8;
  const Outcome outcome = minimize(Spoilt([](const Vector&, VectorRef g) { g *= 1.01; }), options);
  EXPECT_EQ(outcome.reason, "gradient_tolerance") << outcome.message;
  EXPECT_THAT(outcome.warnings, ElementsAre(testing::HasSubstr("gradient and values disagree")));
}

TEST(Minimize, GoodGradientsAreNotSuspected) {
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

TEST(Minimize, EndsByItselfWhereRoundOffHidesTheRest) {
  for (const Strategy strategy : {Strategy::automatic, Strategy::replay, Strategy::vanilla}) {
    MinimizeOptions options;
    options.strategy = strategy;
    options.learning_rate = 0.1;
    options.stop.gradient_tolerance = 0.0;
    const Outcome outcome = minimize(Shifted(), options);
    EXPECT_EQ(outcome.reason, "precision") << static_cast<int>(strategy);
    EXPECT_LT(outcome.rounds, 1000);
    EXPECT_LT(outcome.final_value - 1e10, 1e-3);
  }
}

TEST(Minimize, TheOutcomeSaysWhatTheRunTook) {
  const Rosenbrock objective(30);
  std::vector<IterationReport> reports;
  MinimizeOptions options = rounds(9);
  options.on_iteration = [&reports](const RunState&, const IterationReport& report) {
    reports.push_back(report);
    return Wish::go_on;
  };
  const Outcome outcome = minimize(objective, options);
  EXPECT_EQ(outcome.rounds, 9);
  EXPECT_EQ(outcome.gradients, reports.back().evaluations);
  EXPECT_GT(outcome.seconds, 0.0);
  EXPECT_EQ(outcome.message, "stop.iterations is met: the largest number of rounds was reached");
  ASSERT_EQ(outcome.trace.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(outcome.trace[i].round, reports[i].iteration);
    EXPECT_EQ(outcome.trace[i].gradients, reports[i].evaluations);
    EXPECT_EQ(outcome.trace[i].value, reports[i].value);
    EXPECT_EQ(outcome.trace[i].gradient_norm, reports[i].gradient_norm);
    EXPECT_EQ(outcome.trace[i].best_value, reports[i].best_value);
  }
}

TEST(Minimize, SurrogateWithOnePointIsLbfgsBitForBit) {
  const Rosenbrock objective(30);
  MinimizeOptions surrogate = rounds(12);
  surrogate.parallelism = 1;
  surrogate.strategy = Strategy::surrogate;
  MinimizeOptions lbfgs = rounds(12);
  lbfgs.method = [](Evaluator& evaluator) {
    return std::make_unique<Lbfgs>(evaluator, Lbfgs::Options{.memory = 60});
  };
  EXPECT_EQ(minimize(objective, surrogate).solution, minimize(objective, lbfgs).solution);
}

TEST(Minimize, CallbacksComeInOrderAndStopAtOnce) {
  std::vector<std::string> calls;
  MinimizeOptions options = rounds(50);
  options.strategy = Strategy::vanilla;
  options.on_start = [&](const RunState&) { calls.emplace_back("start"); };
  options.on_iteration = [&](const RunState& run, const IterationReport& report) {
    EXPECT_EQ(run.iteration, report.iteration);
    calls.push_back("round " + std::to_string(run.iteration));
    return run.iteration == 1 ? Wish::checkpoint : run.iteration == 3 ? Wish::stop : Wish::go_on;
  };
  options.on_checkpoint = [&](const RunState& run) {
    calls.push_back("checkpoint " + std::to_string(run.iteration));
  };
  options.on_end = [&](const RunState&, const Outcome& outcome) {
    calls.push_back("end by " + outcome.reason);
  };
  const Outcome outcome = minimize(Sphere(10), options);
  EXPECT_THAT(calls, ElementsAre("start", "round 1", "checkpoint 1", "round 2", "round 3", "checkpoint 3",
                                 "end by callback"));
  EXPECT_EQ(outcome.code, ExitCode::success);
  EXPECT_TRUE(std::isfinite(outcome.final_value));
}

/// A sphere around 2 that has no value beyond 1 in its first coordinate.
struct Fenced final : Objective {
  Index dimension() const override { return 5; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    if (theta[0] > 1.0) throw InfeasiblePoint("beyond the fence");
    gradient = 2.0 * (theta.array() - 2.0);
    return (theta.array() - 2.0).square().sum();
  }
};

TEST(Minimize, DropsIteratesThatCannotBeEvaluatedWhenAsked) {
  MinimizeOptions options = rounds(30);
  options.strategy = Strategy::vanilla;
  options.learning_rate = 0.3;
  EXPECT_EQ(minimize(Fenced(), options).code, ExitCode::evaluation_failed);

  std::int64_t dropped = 0;
  options.drops = 60;
  options.on_iteration = [&dropped](const RunState&, const IterationReport& report) {
    dropped += report.iterate_dropped ? 1 : 0;
    return Wish::go_on;
  };
  const Outcome outcome = minimize(Fenced(), options);
  EXPECT_EQ(outcome.code, ExitCode::success) << outcome.message;
  EXPECT_GT(dropped, 0);
  EXPECT_LE(outcome.solution[0], 1.0);

  options.drops = 1;  // in a row
  EXPECT_EQ(minimize(Fenced(), options).code, ExitCode::evaluation_failed);
  options.drops = -1;
  EXPECT_THROW(minimize(Fenced(), options), UsageError);
}

TEST(Minimize, DropsLeaveARunThatNeedsNoneAsItIs) {
  for (const Strategy strategy : {Strategy::automatic, Strategy::replay, Strategy::lbfgs}) {
    MinimizeOptions options = rounds(12);
    options.strategy = strategy;
    const Vector plain = minimize(Rosenbrock(30), options).solution;
    options.drops = 3;
    EXPECT_EQ(minimize(Rosenbrock(30), options).solution, plain);
  }
}

TEST(Minimize, ResumingChangesNoBit) {
  const Rosenbrock objective(40);
  const Outcome whole = minimize(objective, rounds(12));
  for (const std::int64_t stop : {1, 2, 7}) {
    RunState kept;
    MinimizeOptions first = rounds(stop);
    first.on_checkpoint = [&](const RunState& run) { kept = run; };
    minimize(objective, first);
    MinimizeOptions second = rounds(12);
    second.resume = kept;
    EXPECT_EQ(minimize(objective, second).solution, whole.solution) << stop;
  }
}

TEST(Minimize, BoundsHoldFromTheStartOn) {
  MinimizeOptions options = rounds(20);
  options.bounds = Bounds(Vector::Constant(10, 0.4), Vector::Constant(10, 3.0));
  options.on_iteration = [](const RunState& run, const IterationReport&) {
    EXPECT_GE(run.theta.minCoeff(), 0.4);
    return Wish::go_on;
  };
  EXPECT_EQ(minimize(Sphere(10), options).solution.minCoeff(), 0.4);
}

TEST(Minimize, NoiseIsTakenFromTheObjective) {
  const Noisy objective(std::make_unique<Sphere>(10), {.kind = NoiseKind::gaussian, .sigma = 1e-3});
  std::string rule;
  MinimizeOptions options = rounds(2);
  options.on_iteration = [&](const RunState&, const IterationReport& report) {
    rule = report.update;
    return Wish::go_on;
  };
  minimize(objective, options);
  EXPECT_EQ(rule, "whitened");
  options.optimizer = std::make_shared<Sgd>(Sgd::Options{.learning_rate = LearningRate(0.1)});
  minimize(objective, options);
  EXPECT_EQ(rule, "sequence");
}

TEST(Minimize, OptionsThatMakeNoSenseAreRefused) {
  const Sphere objective(10);
  const auto refused = [&](const std::function<void(MinimizeOptions&)>& change) {
    MinimizeOptions options = rounds(3);
    change(options);
    EXPECT_THROW(minimize(objective, options), UsageError);
  };
  refused([](auto& o) { o.start = Vector::Zero(9); });
  refused([](auto& o) { o.start = Vector::Constant(10, std::nan("")); });
  refused([](auto& o) { o.parallelism = 0; });
  refused([](auto& o) { o.learning_rate = -1.0; });
  refused([](auto& o) {
    o.resume = RunState();
    o.resume->theta = Vector::Zero(3);
  });
  refused([](auto& o) {
    o.strategy = Strategy::whitened;
    o.optimizer = std::make_shared<Sgd>(Sgd::Options{.learning_rate = LearningRate(0.1)});
  });
}

TEST(Minimize, AFailingObjectiveEndsInTheOutcome) {
  class Failing final : public Objective {
   public:
    Index dimension() const override { return 2; }
    double value_and_gradient(ConstVectorRef, const SampleKey&, Index, VectorRef) const override {
      throw std::runtime_error("the solver gave up");
    }
  };
  const Outcome outcome = minimize(Failing(), rounds(3));
  EXPECT_EQ(outcome.code, ExitCode::evaluation_failed);
  EXPECT_THAT(outcome.message, testing::HasSubstr("the solver gave up"));
}

}  // namespace
}  // namespace optex
