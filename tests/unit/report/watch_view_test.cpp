#include "optex/report/watch_view.hpp"

#include "optex/text/host_name.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "support/temporary_folder.hpp"
#include "unit/report/written_run.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace optex {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class WatchView : public testing::Test {
 protected:
  test::TemporaryFolder folder;
  test::WrittenRun run{
      .folder = folder / "run", .more_config = "[stop]\niterations = 100\n", .state = "running"};
};

TEST_F(WatchView, ARunningJob) {
  run.write();
  const RunSnapshot now = take_snapshot(run.folder);
  const auto lines = watch_lines(now, nullptr, {.colour = false, .width = 100});
  EXPECT_THAT(lines, Contains(HasSubstr("run  running")));
  EXPECT_THAT(lines, Contains(HasSubstr("round      40 of 100")));
  EXPECT_THAT(lines, Contains(HasSubstr("40 %")));
  EXPECT_THAT(lines, Contains(HasSubstr("rate       1 rounds/s   4 gradients/s")));
  EXPECT_THAT(lines, Contains(HasSubstr("1:00 left")));  // 60 rounds at one a second
  EXPECT_THAT(lines, Contains(HasSubstr("first prediction off by 1 %")));
  EXPECT_THAT(lines, Contains(HasSubstr("wait 50 %")));
  EXPECT_THAT(lines, Contains(HasSubstr("ranks       50 % busy")));
  EXPECT_THAT(watch_line(now, {}), HasSubstr("running"));
}

TEST_F(WatchView, ARunWhoseProcessIsGoneIsNotTakenForARunningOne) {
  run.write();
  RunSnapshot now = take_snapshot(run.folder);
  now.status.host = host_name();
  now.status.pid = ::getpid();
  EXPECT_THAT(watch_lines(now, nullptr, {.colour = false, .width = 200}),
              Not(Contains(HasSubstr("ended without a word"))));
  now.status.pid = std::numeric_limits<pid_t>::max();  // beyond what any system gives
  EXPECT_THAT(watch_lines(now, nullptr, {.colour = false, .width = 200}),
              Contains(HasSubstr("its process is gone: it ended without a word")));
  now.status.host = "elsewhere";
  EXPECT_FALSE(now.status.ended_without_word());
  // Between two calls of `optex ask` there is none, for as long as gradients take.
  now.status.pid = 0;
  now.silent_seconds = 1e6;
  const auto asked = watch_lines(now, nullptr, {.colour = false, .width = 200});
  EXPECT_THAT(asked, Contains(HasSubstr(", by optex ask and optex tell  on elsewhere")));
  EXPECT_THAT(asked, Not(Contains(HasSubstr("no sign of life"))));
}

TEST_F(WatchView, NoNameCommandsTheTerminalOrWrapsItsLine) {
  run.folder = folder / ("a\x1b[2J\x9b" + std::string(150, 'b'));
  run.write();
  const RunSnapshot now = take_snapshot(run.folder);
  for (const std::string& line : watch_lines(now, nullptr, {.colour = false, .width = 40})) {
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, Not(HasSubstr("\x9b")));
    EXPECT_LE(fitted(line, {.colour = false, .width = 40}).size(), 3U * 40U);
  }
  EXPECT_EQ(fitted("\x1b[1mab\u2588cd\x1b[0m", {.colour = true, .width = 3}), "\x1b[1mab\u2588\x1b[0m");
  // Half a number is another number.
  EXPECT_EQ(fitted("best 4.79e-05", {.colour = false, .width = 11}), "best \u2026");
  EXPECT_EQ(fitted("best 4.79e-05 of", {.colour = false, .width = 13}), "best 4.79e-05");
  EXPECT_EQ(fitted("\x1b[1mabc\x1b[0m", {.colour = true, .width = 3}), "\x1b[1mabc\x1b[0m");
}

TEST_F(WatchView, TheLoadIsThatOfTheTimeBetweenTwoLooks) {
  run.write();
  const RunSnapshot before = take_snapshot(run.folder);
  RunSnapshot now = before;
  now.status.load.seconds += 10.0;
  now.status.load.busy[0] += 10.0;
  now.status.load.busy[1] += 8.0;
  EXPECT_THAT(watch_lines(now, &before, {}), Contains(HasSubstr("ranks       90 % busy")));
}

TEST_F(WatchView, TheFirstRuleThatWillBeMetSaysWhatIsLeft) {
  run.more_config = "[stop]\niterations = 1000\nevaluations = 200\nseconds = 45.0\n";
  run.write();
  EXPECT_NEAR(seconds_left(take_snapshot(run.folder)).value(), 5.0, 1e-9);
  run.more_config = "[stop]\niterations = 1000\nevaluations = 168\n";
  run.write();
  EXPECT_NEAR(seconds_left(take_snapshot(run.folder)).value(), 2.0, 1e-9);
  run.more_config = "[stop]\nvalue = 1e-3\n";
  run.write();
  EXPECT_FALSE(seconds_left(take_snapshot(run.folder)));
}

TEST_F(WatchView, ASilentJobIsNoticed) {
  run.write();
  RunSnapshot now = take_snapshot(run.folder);
  EXPECT_THAT(watch_line(now, {}), Not(HasSubstr("no sign of life")));
  now.silent_seconds = 300.0;
  EXPECT_THAT(watch_line(now, {}), HasSubstr("no sign of life for 5:00"));
  now.status.state = "finished";
  EXPECT_THAT(watch_line(now, {}), Not(HasSubstr("no sign of life")));
}

TEST_F(WatchView, WhatIsMissingOrHalfWrittenIsLeftOut) {
  std::filesystem::create_directories(run.folder);
  EXPECT_THAT(watch_lines(take_snapshot(run.folder), nullptr, {}), Contains(HasSubstr("waiting")));
  std::ofstream(run.folder / "metrics.jsonl")
      << "{\"iteration\":1,\"value\":3.5,\"seconds\":1}\n{\"iteration\":2,\"va";
  std::ofstream(run.folder / "status.json") << "{";
  std::ofstream(run.folder / "resolved.toml") << "[[[";
  EXPECT_THAT(watch_lines(take_snapshot(run.folder), nullptr, {}), Contains(HasSubstr("value      3.5")));
}

TEST_F(WatchView, OnlyTheEndOfALongRunIsRead) {
  run.rounds = 20'000;
  run.write();
  const RunSnapshot now = take_snapshot(run.folder);
  EXPECT_EQ(now.rows.back().round, 20'000);
  EXPECT_LE(now.rows.size(), 400U);
  EXPECT_EQ(now.rows.front().round, 20'000 - 399);
}

TEST(Sparkline, HasTheWidthThatItMayHave) {
  EXPECT_EQ(sparkline({1.0, 10.0, 100.0}, 10), "\u2581\u2585\u2588");
  EXPECT_EQ(sparkline(std::vector<double>(500, 2.0), 4), "\u2581\u2581\u2581\u2581");
  EXPECT_EQ(sparkline({}, 10), "");
  EXPECT_EQ(sparkline({-1e308, 1e308}, 2), "\u2581\u2588");  // their span is no finite number
}

}  // namespace
}  // namespace optex
