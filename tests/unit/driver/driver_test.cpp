#include "optex/driver/driver.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/keeping_best.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/sgd.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

/// Writes down what it is told.
class Diary final : public Observer {
 public:
  void on_start(const RunState& run) override { entries.push_back("start " + std::to_string(run.iteration)); }
  void on_iteration(const RunState& run, const IterationReport& report) override {
    entries.push_back("round " + std::to_string(run.iteration));
    reports.push_back(report);
  }
  void on_checkpoint(const RunState& run) override {
    entries.push_back("checkpoint " + std::to_string(run.iteration));
  }
  void on_warning(const std::string& text) override { entries.push_back("warning " + text); }
  void on_end(const RunState&, const Outcome& outcome) override {
    entries.push_back("end " + outcome.reason);
  }

  std::vector<std::string> entries;
  std::vector<IterationReport> reports;
};

class DriverTest : public testing::Test {
 protected:
  Outcome drive(StopRules rules, std::function<Interruption()> interruption = {}) {
    Driver driver(
        method_, evaluator_,
        {.rounds = {.rules = rules}, .observers = {&diary_}, .interruption = std::move(interruption)});
    return driver.run(run_);
  }

  Sphere objective_{10};
  SerialEvaluator evaluator_{objective_};
  Sequential method_{evaluator_, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1.0}), 1, 0};
  RunState run_ = method_.initial_state(objective_.initial_point());
  Diary diary_;
};

TEST_F(DriverTest, StopsAfterTheGivenRounds) {
  const Outcome outcome = drive({.iterations = 3});
  EXPECT_EQ(outcome.code, ExitCode::success);
  EXPECT_EQ(diary_.entries,
            (std::vector<std::string>{"start 0", "round 1", "round 2", "round 3", "end iterations"}));
  Vector gradient(10);
  EXPECT_EQ(outcome.final_value, objective_.value_and_gradient(run_.theta, SampleKey::exact(), 0, gradient));
}

TEST_F(DriverTest, TheFinalValueIsNotCountedAsGradientWork) {
  drive({.iterations = 4});
  EXPECT_EQ(run_.evaluations, 4);
}

TEST_F(DriverTest, ASignalThatCameOfADeadRankIsThatRanksFailure) {
  for (const bool died : {true, false}) {
    DriverOptions options;
    options.rounds.rules.iterations = 5;
    options.observers = {&diary_};
    options.interruption = [] { return Interruption::stop; };
    options.cause = [died] {
      return died ? std::optional<std::string>("rank 2 (n1) has died") : std::nullopt;
    };
    Driver driver(method_, evaluator_, options);
    const Outcome outcome = driver.run(run_);
    EXPECT_EQ(outcome.code, died ? ExitCode::stall : ExitCode::requeue);
    EXPECT_EQ(outcome.reason, died ? "error" : "signal");
    EXPECT_EQ(outcome.message.starts_with("rank 2 (n1) has died; stopped by a signal after round"), died);
  }
  // saved all the same
  EXPECT_EQ(diary_.entries, (std::vector<std::string>{"start 0", "round 1", "checkpoint 1", "end error",
                                                      "start 1", "round 2", "checkpoint 2", "end signal"}));
}

TEST_F(DriverTest, QualityIsMeasuredOnScheduleAndCountsNothing) {
  std::vector<Vector> measured;
  const auto assess = [&](ConstVectorRef theta) {
    measured.emplace_back(theta);
    return std::vector<Measure>{{"calls", static_cast<double>(measured.size())}};
  };
  Driver driver(
      method_, evaluator_,
      {.rounds = {.rules = {.iterations = 5}}, .observers = {&diary_}, .assess = assess, .quality_every = 2});
  const Outcome outcome = driver.run(run_);
  const RunState with = run_;
  std::vector<std::size_t> sizes;
  for (const IterationReport& report : diary_.reports) sizes.push_back(report.quality.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{0, 1, 0, 1, 0}));
  EXPECT_EQ(diary_.reports[3].quality.front().value, 2.0);
  EXPECT_EQ(outcome.measures.front().value, 3.0);  // at the end, whatever the schedule
  EXPECT_EQ(measured.back(), outcome.solution);

  run_ = method_.initial_state(objective_.initial_point());
  drive({.iterations = 5});
  EXPECT_EQ(with.theta, run_.theta);
  EXPECT_EQ(with.evaluations, run_.evaluations);
}

/// A sphere whose centre moves: the state is the centre, and one number that counts the rounds.
class MovingSphere final : public Objective {
 public:
  Index dimension() const override { return 4; }
  Vector initial_state() const override { return Vector::Zero(5); }
  void advance(ConstVectorRef theta, Vector& state) const override {
    state.head(4) = 0.5 * theta;
    state[4] += 1.0;
  }
  void renew(ConstVectorRef state) const override { centre_ = state.head(4); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    gradient = 2.0 * (theta - centre_);
    return (theta - centre_).squaredNorm();
  }

 private:
  mutable Vector centre_ = Vector::Zero(4);
};

// Stopped, and continued by objects that know nothing but the RunState: the same bits as in one go.
TEST(DriverWithState, AnObjectiveThatMovesGoesOnWhereItWas) {
  const auto drive = [](RunState& run, std::int64_t rounds) {
    const MovingSphere objective;
    SerialEvaluator evaluator(objective);
    Sequential method(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.1}), 1, 0);
    if (run.theta.size() == 0) {
      run = method.initial_state(Vector::Ones(4));
      run.objective_state = objective.initial_state();
    }
    DriverOptions options;
    options.rounds.rules.iterations = rounds;
    options.rounds.advance = [&](ConstVectorRef theta, Vector& state) { objective.advance(theta, state); };
    Driver driver(method, evaluator, options);
    return driver.run(run).final_value;
  };
  RunState whole, parts;
  const double final_value = drive(whole, 9);
  drive(parts, 4);
  EXPECT_EQ(parts.objective_state[4], 4.0);
  EXPECT_EQ(drive(parts, 9), final_value);
  EXPECT_EQ(parts.theta, whole.theta);
  EXPECT_EQ(parts.objective_state, whole.objective_state);
  EXPECT_NE(whole.objective_state[0], 0.0);
}

TEST_F(DriverTest, EveryRuleStopsAndSaysItsName) {
  EXPECT_EQ(drive({.evaluations = 5}).reason, "evaluations");
  EXPECT_EQ(run_.evaluations, 5);
  EXPECT_EQ(drive({.value = 0.5}).reason, "value");
  EXPECT_LE(run_.best.value, 0.5);
  EXPECT_EQ(drive({.gradient_norm = 0.01}).reason, "gradient_norm");
  EXPECT_LE(diary_.reports.back().gradient_norm, 0.01);
  EXPECT_EQ(drive({.seconds = 0.0}).reason, "seconds");
}

TEST_F(DriverTest, PatienceCountsRoundsWithoutANewBest) {
  run_.theta.setZero();
  run_.best.value = 0.0;  // nothing can be better
  const Outcome outcome = drive({.iterations = 50, .patience = 4});
  EXPECT_EQ(outcome.reason, "patience");
  EXPECT_EQ(run_.iteration, 4);
}

TEST_F(DriverTest, EndsWhenFNoLongerChangesBeyondRoundOff) {
  const StopRules rules{.iterations = 50, .precision = 1e-14};
  EXPECT_EQ(drive({.iterations = 50, .precision = 1e-300}).reason, "iterations");
  run_ = method_.initial_state(Vector::Zero(10));
  const Outcome outcome = drive(rules);
  EXPECT_EQ(outcome.reason, "precision");
  EXPECT_EQ(outcome.message, "stop.precision is met: F no longer changes beyond round-off");
  EXPECT_EQ(run_.iteration, 1 + StopRules::still_rounds);
  EXPECT_EQ(drive(rules).rounds, run_.iteration);  // and has ended when it is taken up again
  run_.progress.still_rounds = 0;
  run_.regime = "noisy";
  EXPECT_EQ(drive(rules).reason, "iterations");
}

TEST_F(DriverTest, AFinishedRunIsNotContinued) {
  drive({.iterations = 3});
  diary_.entries.clear();
  EXPECT_EQ(drive({.iterations = 3}).reason, "iterations");
  EXPECT_EQ(diary_.entries, (std::vector<std::string>{"start 3", "end iterations"}));
}

TEST_F(DriverTest, ASignalSavesAndStopsAtTheNextRound) {
  int asked = 0;
  const Outcome outcome = drive({.iterations = 50}, [&] {
    return ++asked == 2 ? Interruption::checkpoint_and_stop : Interruption::none;
  });
  EXPECT_EQ(outcome.code, ExitCode::requeue);
  EXPECT_EQ(diary_.entries,
            (std::vector<std::string>{"start 0", "round 1", "round 2", "checkpoint 2", "end signal"}));
}

TEST_F(DriverTest, ACheckpointOnRequestDoesNotStop) {
  int asked = 0;
  drive({.iterations = 3}, [&] { return ++asked == 1 ? Interruption::checkpoint : Interruption::none; });
  EXPECT_EQ(diary_.entries, (std::vector<std::string>{"start 0", "round 1", "checkpoint 1", "round 2",
                                                      "round 3", "end iterations"}));
}

/// Has nothing left to do after its second round.
class Content final : public Method {
 public:
  explicit Content(Method& method) : method_(method) {}
  RunState initial_state(ConstVectorRef theta) const override { return method_.initial_state(theta); }
  IterationReport iterate(RunState& run) override { return method_.iterate(run); }
  std::optional<Ending> finished(const RunState& run) const override {
    if (run.iteration < 2) return std::nullopt;
    return Ending{"content", "there is nothing left to do"};
  }

 private:
  Method& method_;
};

TEST_F(DriverTest, AMethodThatIsDoneEndsTheRunAndIsNotResumed) {
  Content method(method_);
  Driver driver(method, evaluator_, {.rounds = {.rules = {.iterations = 50}}, .observers = {&diary_}});
  const Outcome outcome = driver.run(run_);
  EXPECT_EQ(outcome.code, ExitCode::success);
  EXPECT_EQ(outcome.message, "there is nothing left to do");
  EXPECT_EQ(diary_.entries, (std::vector<std::string>{"start 0", "round 1", "round 2", "end content"}));
  diary_.entries.clear();
  driver.run(run_);
  EXPECT_EQ(diary_.entries, (std::vector<std::string>{"start 2", "end content"}));
}

TEST_F(DriverTest, DivergenceEndsWithItsOwnExitCode) {
  Sequential wild(evaluator_, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1e200}), 1, 0);
  Driver driver(wild, evaluator_, {.rounds = {.rules = {.iterations = 50}}, .observers = {&diary_}});
  const Outcome outcome = driver.run(run_);
  EXPECT_EQ(outcome.code, ExitCode::numerical);
  EXPECT_EQ(outcome.reason, "error");
  EXPECT_NE(outcome.message.find("learning_rate"), std::string::npos) << outcome.message;
  EXPECT_EQ(diary_.entries.back(), "end error");
}

TEST_F(DriverTest, AnAssessmentThatFailsCostsAWarningOnly) {
  const auto assess = [](ConstVectorRef) -> std::vector<Measure> { throw EvaluationError("no dictionary"); };
  Driver driver(
      method_, evaluator_,
      {.rounds = {.rules = {.iterations = 5}}, .observers = {&diary_}, .assess = assess, .quality_every = 1});
  const Outcome outcome = driver.run(run_);
  EXPECT_EQ(outcome.code, ExitCode::success);
  EXPECT_TRUE(std::isfinite(outcome.final_value));
  EXPECT_EQ(outcome.warnings.size(), 1U);
  EXPECT_EQ(std::count_if(diary_.entries.begin(), diary_.entries.end(),
                          [](const std::string& entry) { return entry.starts_with("warning"); }),
            2);  // once for all rounds, once for the answer
  EXPECT_EQ(diary_.entries.back(), "end iterations");
}

TEST_F(DriverTest, ARunThatFailsKeepsItsBestPoint) {
  KeepingBest wild(std::make_unique<Sequential>(
      evaluator_, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1e200}), 1, 0));
  RunState run = wild.initial_state(objective_.initial_point());
  const Outcome outcome = Driver(wild, evaluator_, {.rounds = {.rules = {.iterations = 50}}}).run(run);
  EXPECT_EQ(outcome.code, ExitCode::numerical);
  EXPECT_EQ(outcome.answer, AnswerPoint::best_point);
  EXPECT_EQ(outcome.solution, objective_.initial_point());
  EXPECT_EQ(outcome.final_value, run.best.value);
}

/// Runs out of something in its third round.
class Exhausted final : public Method {
 public:
  explicit Exhausted(Method& method) : method_(method) {}
  RunState initial_state(ConstVectorRef theta) const override { return method_.initial_state(theta); }
  IterationReport iterate(RunState& run) override {
    if (run.iteration == 2) throw std::bad_alloc();
    return method_.iterate(run);
  }

 private:
  Method& method_;
};

TEST_F(DriverTest, WhateverIsThrownTheObserversHearOfTheEnd) {
  Exhausted method(method_);
  Driver driver(method, evaluator_, {.rounds = {.rules = {.iterations = 9}}, .observers = {&diary_}});
  EXPECT_THROW(driver.run(run_), std::bad_alloc);
  EXPECT_EQ(diary_.entries, (std::vector<std::string>{"start 0", "round 1", "round 2", "end error"}));
}

TEST_F(DriverTest, AnObserverThatCannotBeginEndsTheRunForThoseBeforeIt) {
  class Broken final : public Observer {
    void on_start(const RunState&) override { throw IoError("disk full"); }
    void on_end(const RunState&, const Outcome&) override { FAIL() << "it never began"; }
  };
  Broken broken;
  Driver driver(method_, evaluator_,
                {.rounds = {.rules = {.iterations = 9}}, .observers = {&diary_, &broken}});
  EXPECT_THROW(driver.run(run_), IoError);
  EXPECT_EQ(diary_.entries, (std::vector<std::string>{"start 0", "end error"}));
}

}  // namespace
}  // namespace optex
