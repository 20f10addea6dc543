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
