#include "optex/monitor/status_writer.hpp"

#include "sample_round.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace optex {
namespace {

using nlohmann::json;
using test::sample_round;

class Status : public testing::Test {
 protected:
  json read() const { return json::parse(test::read_bytes(file_)); }

  const test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "status.json";
};

TEST_F(Status, WhileItRuns) {
  StatusWriter writer(file_);
  writer.on_start(sample_round(4).run);
  const json status = read();
  EXPECT_EQ(status["state"], "running");
  EXPECT_EQ(status["iteration"], 4);
  EXPECT_TRUE(status["exit_code"].is_null());
  EXPECT_TRUE(status["final_value"].is_null());
  EXPECT_EQ(status["pid"], ::getpid());
  EXPECT_FALSE(status["host"].get<std::string>().empty());
  EXPECT_THAT(status["started"].get<std::string>(),
              testing::MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+.[0-9]+Z"));
}

TEST_F(Status, EveryStartHasAnIdOfItsOwn) {
  StatusWriter writer(file_);
  writer.on_start(sample_round(0).run);
  const std::string first = read()["start_id"];
  writer.on_end(sample_round(3).run, test::finished());
  EXPECT_EQ(read()["start_id"], first);
  StatusWriter again(file_);
  again.on_start(sample_round(3).run);
  EXPECT_NE(read()["start_id"], first);
}

TEST_F(Status, WhatIsForetoldStandsUntilMoreIsKnown) {
  StatusWriter writer(file_);
  writer.on_start(sample_round(4).run);
  writer.foretell(test::failed());
  EXPECT_EQ(read()["state"], "failed");
  EXPECT_EQ(read()["iteration"], 4);
  EXPECT_EQ(read()["message"], test::failed().message);
  writer.on_end(sample_round(5).run, test::finished());
  EXPECT_EQ(read()["state"], "finished");
  writer.foretell(test::failed());  // too late
  EXPECT_EQ(read()["state"], "finished");
}

TEST_F(Status, HowLongEachRankComputedSinceTheLaunch) {
  StatusWriter writer(file_, [] { return std::vector<double>{1.5, 0.25}; });
  RunState run = sample_round(2).run;
  run.seconds = 100.0;
  writer.on_start(run);
  run.seconds = 104.0;
  writer.on_end(run, test::finished());
  EXPECT_EQ(read()["ranks"]["busy_seconds"], json::array({1.5, 0.25}));
  EXPECT_EQ(read()["ranks"]["seconds"], 4.0);
  StatusWriter silent(file_);
  silent.on_start(run);
  EXPECT_FALSE(read().contains("ranks"));
}

TEST_F(Status, HowItEnded) {
  StatusWriter writer(file_);
  writer.on_start(sample_round(0).run);
  test::play(writer, 1, 3);
  writer.on_end(sample_round(3).run, test::finished());
  json status = read();
  EXPECT_EQ(status["state"], "finished");
  EXPECT_EQ(status["reason"], "iterations");
  EXPECT_EQ(status["exit_code"], 0);
  EXPECT_EQ(status["iteration"], 3);
  EXPECT_EQ(status["value"].get<double>(), sample_round(3).report.value);
  EXPECT_EQ(status["final_value"], 0.1);
  EXPECT_EQ(status["measures"]["accuracy"], 0.84);
  EXPECT_EQ(status["evaluations"], 12);

  writer.on_end(sample_round(3).run, test::failed());
  status = read();
  EXPECT_EQ(status["state"], "failed");
  EXPECT_EQ(status["reason"], "error");
  EXPECT_EQ(status["exit_code"], 3);
  EXPECT_EQ(status["message"], "rank 3: point 2 failed");
  EXPECT_TRUE(status["final_value"].is_null());

  writer.on_end(sample_round(3).run, test::stopped());
  status = read();
  EXPECT_EQ(status["state"], "stopped");
  EXPECT_EQ(status["exit_code"], 75);
}

TEST_F(Status, ARunThatFailsBeforeItsFirstRound) {
  StatusWriter(file_).end(test::failed());
  EXPECT_EQ(read()["state"], "failed");
  EXPECT_EQ(read()["iteration"], 0);
}

TEST_F(Status, IsRenewedAtMostOnceASecondWhileItRuns) {
  StatusWriter writer(file_);
  const Stopwatch watch;
  writer.on_start(sample_round(0).run);
  int renewed = 0;
  ino_t last = 0;
  for (std::int64_t i = 1; i <= 2000; ++i) {
    test::play(writer, i, i);
    struct stat status {};
    ASSERT_EQ(::stat(file_.c_str(), &status), 0);
    if (last != 0 && status.st_ino != last) ++renewed;
    last = status.st_ino;
  }
  EXPECT_LE(renewed, watch.seconds());
}

// Replaced hundreds of times under the eyes of a reader, who sees a whole file each time.
// Of an end that the disk refuses once the next try tells; "running" would be a lie.
TEST_F(Status, AnEndThatIsRefusedOnceIsAFailure) {
  const auto in_the_way = folder_ / ".status.json.partial";
  int writes = 0;
  StatusWriter writer(file_, [&] {
    if (++writes == 2)
      std::filesystem::create_directory(in_the_way);
    else
      std::filesystem::remove(in_the_way);
    return std::vector<double>();
  });
  writer.on_start(sample_round(4).run);
  EXPECT_THROW(writer.on_end(sample_round(4).run, test::finished()), IoError);
  EXPECT_EQ(read()["state"], "failed");
  EXPECT_EQ(read()["exit_code"], 6);
  EXPECT_THAT(read()["message"].get<std::string>(), testing::HasSubstr("status.json"));
}

TEST_F(Status, IsWholeAtAnyMoment) {
  StatusWriter(file_).end(test::finished());
  test::ChildProcess child([&] {
    StatusWriter writer(file_);
    for (;;) writer.on_start(sample_round(1).run);
    return 0;
  });
  for (int i = 0; i < 3000; ++i) {
    const json status = json::parse(test::read_bytes(file_), nullptr, false);
    ASSERT_TRUE(status.is_object()) << i;
    ASSERT_TRUE(status.contains("host"));
  }
}

TEST_F(Status, TextThatIsNotUtf8DoesNotBreakIt) {
  Outcome outcome = test::failed();
  outcome.message = "bad \xff\xfe byte, \"quotes\"\nand a line";
  StatusWriter(file_).end(outcome);
  EXPECT_THAT(read()["message"].get<std::string>(), testing::HasSubstr("\"quotes\""));
}

}  // namespace
}  // namespace optex
