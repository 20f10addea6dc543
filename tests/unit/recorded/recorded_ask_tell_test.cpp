#include "optex/recorded/recorded_ask_tell.hpp"

#include "optex/core/errors.hpp"
#include "optex/objectives/test_functions.hpp"

#include <filesystem>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* keys =
    "method.update = \"replay\"\noptimizer.learning_rate = 0.02\n"
    "checkpoint.every = \"1 iterations\"\n";

std::string until(int rounds) {
  return std::string(keys) + "stop.iterations = " + std::to_string(rounds) + "\n";
}

/// Answers what is asked, for at most `rounds` rounds; returns how many questions that were.
int answer(RecordedAskTell& run, const Objective& objective, int rounds = 1000) {
  int answered = 0;
  const std::int64_t last = run.state().iteration + rounds;
  while (!run.finished() && run.state().iteration < last) {
    for (const Question& question : run.ask()) {
      Vector gradient(objective.dimension());
      run.tell(question.number, objective.value_and_gradient(question.theta, question.key, 0, gradient),
               gradient);
      ++answered;
    }
    if (!run.finished()) run.ask();
  }
  return answered;
}

GivenVectors start_of(const Objective& objective) { return {objective.initial_point(), {}, {}}; }

TEST(RecordedAskTell, GoesOnInItsFolderWithTheNumbersOfARunThatNeverStopped) {
  const Rosenbrock objective(10);
  RecordedAskTell whole(until(8), "options", start_of(objective), {});
  answer(whole, objective);
  const test::TemporaryFolder folder;
  {
    RecordedAskTell first(until(8), "options", start_of(objective), folder / "run");
    answer(first, objective, 3);
    EXPECT_FALSE(first.finished());
  }
  RecordedAskTell second(until(8), "options", start_of(objective), folder / "run");
  EXPECT_GE(second.state().iteration, 2);
  answer(second, objective);
  EXPECT_EQ(second.outcome().solution, whole.outcome().solution);
  EXPECT_EQ(second.outcome().final_value, whole.outcome().final_value);
  for (const char* name : {"resolved.toml", "metrics.jsonl", "results.h5", "status.json", "events.jsonl"})
    EXPECT_TRUE(std::filesystem::exists(folder / "run" / name)) << name;
}

TEST(RecordedAskTell, ARunThatIsOverAsksNothingAndKeepsItsAnswer) {
  const Rosenbrock objective(10);
  const test::TemporaryFolder folder;
  RecordedAskTell first(until(4), "options", start_of(objective), folder / "run");
  answer(first, objective);
  const Outcome before = first.outcome();
  first.~RecordedAskTell();
  new (&first) RecordedAskTell(until(4), "options", start_of(objective), folder / "run");
  EXPECT_TRUE(first.finished());
  EXPECT_TRUE(first.ask().empty());
  EXPECT_EQ(first.outcome().solution, before.solution);
  EXPECT_EQ(first.outcome().reason, "iterations");
  first.~RecordedAskTell();
  new (&first) RecordedAskTell(until(6), "options", start_of(objective), folder / "run");
  EXPECT_FALSE(first.finished());
}

TEST(RecordedAskTell, LeavesItsFolderToTheNextWhenItIsStoppedOrOver) {
  const Rosenbrock objective(10);
  const test::TemporaryFolder folder;
  RecordedAskTell stopped(until(4), "options", start_of(objective), folder / "run");
  answer(stopped, objective, 2);
  stopped.stop("error", "as an exception that somebody keeps");
  RecordedAskTell goes_on(until(4), "options", start_of(objective), folder / "run");
  EXPECT_GE(goes_on.state().iteration, 1);
  answer(goes_on, objective);
  EXPECT_TRUE(goes_on.finished());
  RecordedAskTell again(until(4), "options", start_of(objective), folder / "run");
  EXPECT_TRUE(again.finished());
  EXPECT_EQ(again.outcome().solution, goes_on.outcome().solution);
}

TEST(RecordedAskTell, RefusesTheFolderOfAnotherConfigurationOrAnotherStart) {
  const Rosenbrock objective(10);
  const test::TemporaryFolder folder;
  {
    RecordedAskTell run(until(4), "options", start_of(objective), folder / "run");
    answer(run, objective, 2);
  }
  const auto with = [&](const std::string& text, GivenVectors given) {
    RecordedAskTell(text, "options", std::move(given), folder / "run");
  };
  EXPECT_THAT([&] { with(until(4) + "run.seed = 3\n", start_of(objective)); },
              ThrowsMessage<OutputExistsError>(HasSubstr("run.seed (0 there, 3 here)")));
  GivenVectors moved = start_of(objective);
  moved.start[2] += 1e-9;
  EXPECT_THAT([&] { with(until(4), moved); }, ThrowsMessage<OutputExistsError>(HasSubstr("differs in: x0")));
}

TEST(RecordedAskTell, KeepsWithinBoundsThatAreHeldInMemory) {
  const Rosenbrock objective(10);
  GivenVectors given = start_of(objective);
  given.lower = Vector::Constant(10, -0.25);
  given.upper = Vector::Constant(10, 0.5);
  RecordedAskTell run(until(5), "options", given, {});
  while (!run.finished())
    for (const Question& question : run.ask()) {
      EXPECT_TRUE((question.theta.array() >= -0.25).all() && (question.theta.array() <= 0.5).all());
      Vector gradient(10);
      run.tell(question.number, objective.value_and_gradient(question.theta, question.key, 0, gradient),
               gradient);
    }
  EXPECT_EQ(run.outcome().reason, "iterations");
}

TEST(RecordedAskTell, AStopLeavesAFolderThatGoesOn) {
  const Rosenbrock objective(10);
  const test::TemporaryFolder folder;
  {
    RecordedAskTell run(until(9), "options", start_of(objective), folder / "run");
    answer(run, objective, 2);
    run.stop("callback", "stopped by a callback");
    EXPECT_TRUE(run.finished());
    EXPECT_EQ(run.outcome().reason, "callback");
    EXPECT_THAT(test::read_bytes(folder / "run/status.json"), HasSubstr("callback"));
  }
  RecordedAskTell again(until(9), "options", start_of(objective), folder / "run");
  EXPECT_FALSE(again.finished());
  EXPECT_EQ(again.state().iteration, 2);
}

}  // namespace
}  // namespace optex
