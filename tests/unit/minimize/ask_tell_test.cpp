#include "optex/minimize/ask_tell.hpp"

#include "optex/core/errors.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/minimize/minimize.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

MinimizeOptions options_with(Strategy strategy, std::int64_t iterations = 10) {
  MinimizeOptions options;
  options.strategy = strategy;
  options.learning_rate = 0.02;
  options.stop = {.iterations = iterations};
  return options;
}

void answer(AskTell& run, const Objective& objective, const Question& question) {
  Vector gradient(objective.dimension());
  const double value = objective.value_and_gradient(question.theta, question.key, 0, gradient);
  run.tell(question.number, value, gradient);
}

class EveryStrategy : public testing::TestWithParam<Strategy> {};

TEST_P(EveryStrategy, GivesTheBitsOfMinimizeWhateverTheOrder) {
  const Rosenbrock objective(25);
  const MinimizeOptions options = options_with(GetParam());
  const Outcome expected = minimize(objective, options);
  AskTell run(objective.initial_point(), options);
  int asked = 0;
  while (!run.finished()) {
    std::vector<Question> questions = run.ask();
    std::reverse(questions.begin(), questions.end());
    // The first half of them now, the rest after another look.
    const std::size_t half = (questions.size() + 1) / 2;
    for (std::size_t i = 0; i < half; ++i) answer(run, objective, questions[i]);
    asked += static_cast<int>(half);
    if (half < questions.size()) {
      EXPECT_EQ(run.ask().size(), questions.size() - half);
    }
    ASSERT_LT(asked, 1000);
  }
  EXPECT_EQ(run.outcome().solution, expected.solution);
  EXPECT_EQ(run.outcome().final_value, expected.final_value);
  EXPECT_EQ(run.outcome().reason, expected.reason);
  EXPECT_EQ(run.state().iteration, 10);
}

INSTANTIATE_TEST_SUITE_P(All, EveryStrategy,
                         testing::Values(Strategy::automatic, Strategy::replay, Strategy::sequence,
                                         Strategy::whitened, Strategy::vanilla, Strategy::lbfgs,
                                         Strategy::anderson));

TEST(AskTell, AMethodThatAsksSeveralTimesARoundIsServedToo) {
  const Rosenbrock objective(25);
  const auto optimizer = std::make_shared<Adam>(Adam::Options{.learning_rate = LearningRate(0.02)});
  MinimizeOptions options = options_with(Strategy::automatic, 4);
  options.method = [&](Evaluator& evaluator) {
    return std::make_unique<Sequential>(evaluator, optimizer, 3, 0);
  };
  AskTell run(objective.initial_point(), options);
  int asked = 0;
  while (!run.finished())
    for (const Question& question : run.ask()) {
      answer(run, objective, question);
      ++asked;
    }
  EXPECT_EQ(asked, 4 * 3 + 1);
  EXPECT_EQ(run.outcome().solution, minimize(objective, options).solution);
}

TEST(AskTell, GoesOnElsewhereFromItsState) {
  const Rosenbrock objective(25);
  const MinimizeOptions options = options_with(Strategy::replay);
  const Outcome expected = minimize(objective, options);
  AskTell first(objective.initial_point(), options);
  while (first.state().iteration < 6)
    for (const Question& question : first.ask()) answer(first, objective, question);
  // In the middle of a round: what has been told of it is lost, the rest is not.
  first.ask();
  MinimizeOptions later = options;
  later.resume = first.state();
  AskTell second(objective.initial_point(), later);
  while (!second.finished())
    for (const Question& question : second.ask()) answer(second, objective, question);
  EXPECT_EQ(second.outcome().solution, expected.solution);
}

TEST(AskTell, AFailedPointIsDroppedUnlessItIsTheIterate) {
  const Rosenbrock objective(25);
  AskTell run(objective.initial_point(), options_with(Strategy::replay));
  std::vector<Question> questions = run.ask();
  while (run.state().iteration < 5) {
    for (const Question& question : questions) answer(run, objective, question);
    questions = run.ask();
  }
  ASSERT_EQ(questions.size(), 4U);
  run.tell_failed(3, "queue full");
  run.tell(2, std::numeric_limits<double>::quiet_NaN(), Vector::Zero(25));
  answer(run, objective, questions[0]);
  answer(run, objective, questions[1]);
  questions = run.ask();
  EXPECT_EQ(run.state().iteration, 6);
  run.tell_failed(0, "the node is gone");
  for (std::size_t i = 1; i < questions.size(); ++i) answer(run, objective, questions[i]);
  EXPECT_TRUE(run.ask().empty());
  EXPECT_TRUE(run.finished());
  EXPECT_EQ(run.outcome().code, ExitCode::evaluation_failed);
  EXPECT_THAT(run.outcome().message, testing::HasSubstr("the node is gone"));
  EXPECT_EQ(run.state().iteration, 6);
  // The node is back: the very numbers of a run in which nothing failed.
  answer(run, objective, questions[0]);
  EXPECT_FALSE(run.finished());
  EXPECT_EQ(run.ask().size(), 4U);
  EXPECT_EQ(run.state().iteration, 7);
  EXPECT_EQ(run.outcome().code, ExitCode::success);
}

TEST(AskTell, AnIterateThatFailedIsDroppedWhenAsked) {
  const Rosenbrock objective(25);
  MinimizeOptions options = options_with(Strategy::replay);
  options.drops = 1;
  AskTell run(objective.initial_point(), options);
  while (run.state().iteration < 4)
    for (const Question& question : run.ask()) answer(run, objective, question);
  const Vector failed = run.ask().at(0).theta;  // all answers have been used by then
  const Vector good = run.state().good.theta;
  for (std::size_t point = 4; point-- > 0;) run.tell_failed(static_cast<Index>(point), "the node is gone");
  EXPECT_EQ(run.ask().at(0).theta, Vector(good + 0.5 * (failed - good)));
  EXPECT_NE(good, failed);
  EXPECT_EQ(run.state().good.dropped, 1);
  for (const Question& question : run.ask()) run.tell_failed(question.number, "this one, too");
  run.ask();
  EXPECT_TRUE(run.finished());
  EXPECT_EQ(run.outcome().code, ExitCode::evaluation_failed);
}

TEST(AskTell, AnswersThatCannotBeAreRefused) {
  const Rosenbrock objective(25);
  AskTell run(objective.initial_point(), options_with(Strategy::vanilla));
  const std::vector<Question> questions = run.ask();
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_THROW(run.tell(1, 0.0, Vector::Zero(25)), UsageError);
  EXPECT_THROW(run.tell(-1, 0.0, Vector::Zero(25)), UsageError);
  EXPECT_THROW(run.tell(0, 0.0, Vector::Zero(24)), UsageError);
  AskTell pair(objective.initial_point(), options_with(Strategy::automatic));
  EXPECT_EQ(pair.ask().size(), 5U);  // the iterate twice: is there noise?
  pair.tell(0, 0.0, Vector::Zero(25));
  EXPECT_THROW(pair.tell(0, 0.0, Vector::Zero(25)), UsageError);
}

TEST(AskTell, StopRulesEndItWithAQuestionAboutTheAnswer) {
  const Sphere objective(8);
  MinimizeOptions options = options_with(Strategy::vanilla, 1000);
  options.stop.value = 0.1;
  AskTell run(objective.initial_point(), options);
  std::vector<Question> questions;
  while (!run.finished()) {
    questions = run.ask();
    for (const Question& question : questions) answer(run, objective, question);
    if (run.finished()) break;
    if (!questions.empty() && questions.front().key.whole) {
      EXPECT_EQ(run.ending(), "value");
    }
  }
  EXPECT_EQ(run.outcome().reason, "value");
  EXPECT_LE(run.outcome().final_value, 0.1);
}

TEST(AskTell, TheCallersOwnTimeCounts) {
  const Sphere objective(8);
  MinimizeOptions options = options_with(Strategy::vanilla, 1000);
  options.stop.seconds = 0.05;
  AskTell run(objective.initial_point(), options);
  while (!run.finished())
    for (const Question& question : run.ask()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      answer(run, objective, question);
    }
  EXPECT_EQ(run.outcome().reason, "seconds");
  EXPECT_EQ(std::ssize(run.outcome().trace), run.outcome().rounds);
}

}  // namespace
}  // namespace optex
