#include "optex/comparison/record_file.hpp"

#include "made_up_runs.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::made_up_run;

RunRecord named(const std::string& identity) {
  RunRecord run = made_up_run({8, 1.0 / 3.0, 1e-300});
  run.identity = identity;
  run.method = "vanilla";
  run.learning_rate = 0.1;
  run.seed = 7;
  run.message = "a \"line\"";
  return run;
}

TEST(RecordFile, RunsSurviveBitForBit) {
  const test::TemporaryFolder folder;
  {
    RecordFile file(folder / "runs.jsonl");
    EXPECT_EQ(file.find("a"), nullptr);
    file.add(named("a"));
    file.add(named("b"));
    EXPECT_EQ(file.size(), 2u);
  }
  const RecordFile again(folder / "runs.jsonl");
  EXPECT_EQ(again.find("c"), nullptr);
  const RunRecord* const run = again.find("b");
  ASSERT_NE(run, nullptr);
  const RunRecord expected = named("b");
  EXPECT_EQ(run->method, expected.method);
  EXPECT_EQ(run->learning_rate, expected.learning_rate);
  EXPECT_EQ(run->seed, expected.seed);
  EXPECT_EQ(run->rounds, expected.rounds);
  EXPECT_EQ(run->evaluations, expected.evaluations);
  EXPECT_EQ(run->seconds, expected.seconds);
  EXPECT_EQ(run->end, expected.end);
  EXPECT_EQ(run->message, expected.message);
  ASSERT_EQ(run->curve.size(), expected.curve.size());
  for (std::size_t i = 0; i < run->curve.size(); ++i) {
    EXPECT_EQ(run->curve[i].round, expected.curve[i].round);
    EXPECT_EQ(run->curve[i].evaluations, expected.curve[i].evaluations);
    EXPECT_EQ(run->curve[i].seconds, expected.curve[i].seconds);
    EXPECT_EQ(run->curve[i].value, expected.curve[i].value);
  }
}

TEST(RecordFile, NoLearningRateSurvives) {
  const test::TemporaryFolder folder;
  RunRecord run = named("a");
  run.learning_rate.reset();
  RecordFile(folder / "runs.jsonl").add(run);
  EXPECT_EQ(RecordFile(folder / "runs.jsonl").find("a")->learning_rate, std::nullopt);
}

// A process that is killed leaves half a line behind; the next one goes on after the last whole one.
TEST(RecordFile, DamagedLinesAreDropped) {
  const test::TemporaryFolder folder;
  const auto path = folder / "runs.jsonl";
  {
    RecordFile file(path);
    file.add(named("a"));
    file.add(named("b"));
  }
  const std::string whole = test::read_bytes(path);
  const std::size_t second = whole.find('\n') + 1;
  for (const std::string& rest : {whole.substr(second, 40), whole.substr(second, whole.size() - second - 1),
                                  std::string("{}\n"), std::string("words\n"), std::string("\n")}) {
    test::write_bytes(path, whole.substr(0, second) + rest);
    RecordFile file(path);
    EXPECT_EQ(file.size(), 1u) << rest;
    file.add(named("c"));
    const RecordFile again(path);
    EXPECT_NE(again.find("a"), nullptr);
    EXPECT_EQ(again.find("b"), nullptr) << rest;
    EXPECT_NE(again.find("c"), nullptr) << rest;
  }
}

}  // namespace
}  // namespace optex
