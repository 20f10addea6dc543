#include "optex/report/run_history.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <fstream>
#include <string>

#include "support/temporary_folder.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

class RunHistoryTest : public testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(file, std::ios::binary) << text; }
  test::TemporaryFolder folder;
  std::filesystem::path file = folder / "metrics.jsonl";
};

std::string line(std::int64_t round, double value, const std::string& more = "") {
  return fmt::format(
      "{{\"iteration\":{},\"value\":{},\"best_value\":{},\"evaluations\":{},\"seconds\":{}{}}}\n", round,
      value, value, 4 * round, 0.5 * static_cast<double>(round), more);
}

TEST_F(RunHistoryTest, OneRound) {
  write(line(1, 3.0));
  const RunHistory history = read_run_history(file);
  EXPECT_EQ(history.rounds, 1);
  ASSERT_EQ(history.rows.size(), 1U);
  EXPECT_EQ(history.rows[0].value, 3.0);
  EXPECT_EQ(history.last.evaluations, 4);
  ASSERT_EQ(history.improvements.size(), 1U);
}

TEST_F(RunHistoryTest, NoFileAndNoRounds) {
  EXPECT_EQ(read_run_history(file).rounds, 0);
  write("");
  EXPECT_EQ(read_run_history(file).rounds, 0);
  EXPECT_THROW(read_run_history(folder.path()), IoError);
}

TEST_F(RunHistoryTest, DamagedLinesAreLeftOutAndTheLastUnfinishedOneIsNone) {
  write(line(1, 3.0) + "{\"iteration\": 2, \"val\n" + "[1, 2]\n" + "{\"value\": 1}\n" + line(1, 1.0) +
        line(3, 2.0) + "{\"iteration\":4,\"value\":1}");
  const RunHistory history = read_run_history(file);
  EXPECT_EQ(history.rounds, 2);
  EXPECT_EQ(history.damaged_lines, 4);
  EXPECT_EQ(history.last.round, 3);
}

TEST_F(RunHistoryTest, ManyRoundsAreThinnedButKeepTheirEndsAndExtremes) {
  std::string text;
  constexpr std::int64_t count = 20'000;
  for (std::int64_t t = 1; t <= count; ++t)
    text += line(t, t == 7'777 ? 1e6 : t == 15'001 ? -5.0 : 100.0 + std::sin(static_cast<double>(t)));
  write(text);
  const HistoryLimits limits{.rows = 400, .buckets = 50, .window = 1};
  const RunHistory history = read_run_history(file, limits);
  EXPECT_EQ(history.rounds, count);
  EXPECT_LE(history.rows.size(), 2 * limits.rows);
  EXPECT_GE(history.rows.size(), limits.rows / 4);
  EXPECT_LE(history.buckets.size(), limits.buckets);
  EXPECT_EQ(history.rows.front().round, 1);
  EXPECT_EQ(history.rows.back().round, count);
  double low = 1e300, high = -1e300;
  std::int64_t before = 0;
  for (const HistoryRow& row : history.rows) {
    EXPECT_GT(row.round, before);
    before = row.round;
    low = std::min(low, row.value);
    high = std::max(high, row.value);
  }
  EXPECT_EQ(low, -5.0);
  EXPECT_EQ(high, 1e6);
}

TEST_F(RunHistoryTest, BucketsHoldEveryRoundOnce) {
  std::string text;
  for (std::int64_t t = 1; t <= 1'000; ++t)
    text +=
        line(t, 1.0,
             ",\"accepted\":3,\"seconds_in\":{\"fit\":0.25,\"wait\":0.125},\"prediction_error\":[0,0.1,10]");
  write(text);
  const RunHistory history = read_run_history(file, {.rows = 100, .buckets = 7, .window = 1});
  std::int64_t next = 1;
  double fit = 0.0;
  for (const HistoryBucket& bucket : history.buckets) {
    EXPECT_EQ(bucket.first, next);
    EXPECT_EQ(bucket.accepted.count, bucket.last - bucket.first + 1);
    EXPECT_NEAR(bucket.log_error.at(1).value(), -1.0, 1e-12);
    EXPECT_NEAR(bucket.log_error.at(2).value(), 1.0, 1e-12);
    next = bucket.last + 1;
    fit += bucket.phases[0];
  }
  EXPECT_EQ(next, 1'001);
  EXPECT_DOUBLE_EQ(fit, 250.0);
  EXPECT_DOUBLE_EQ(history.total.phases[3], 125.0);
  EXPECT_DOUBLE_EQ(history.total.seconds, 500.0);
}

TEST_F(RunHistoryTest, PredictionsAreSortedByDepthNotByPoint) {
  // Three points at depths 0, 1 and 40, then at 0, 6 and 33; one error is not a number.
  write(
      line(1, 1.0,
           ",\"depths\":[0,1,40],\"prediction_error\":[0.5,0.1,10],\"prediction_cosine\":[0.9,0.8,-0.5]") +
      line(
          2, 1.0,
          ",\"depths\":[0,6,33],\"prediction_error\":[null,0.01,1000],\"prediction_cosine\":[null,0.7,0.1]"));
  const HistoryBucket total = read_run_history(file).total;
  ASSERT_EQ(total.log_error.size(), depth_class(40) + 1);
  EXPECT_EQ(total.log_error[0].count, 1);
  EXPECT_NEAR(total.log_error[0].value(), std::log10(0.5), 1e-12);
  EXPECT_NEAR(total.log_error[1].value(), -1.0, 1e-12);
  EXPECT_NEAR(total.log_error[depth_class(6)].value(), -2.0, 1e-12);
  EXPECT_NEAR(total.log_error[depth_class(40)].value(), 2.0, 1e-12);  // both: 33 to 48 is one class
  EXPECT_NEAR(total.cosine[depth_class(33)].value(), -0.2, 1e-12);
  EXPECT_EQ(total.cosine[0].count, 1);
  EXPECT_EQ(total.log_error[2].count, 0);
}

TEST(DepthClass, TwoToEachDoublingAndTheirNamesSayWhich) {
  std::int64_t depth = 0;
  for (std::size_t number = 0; depth <= 5000; ++number) {
    const std::string text = depth_class_text(number);
    const std::size_t dash = text.find("\u2013");
    const std::int64_t first = std::stoll(text);
    const std::int64_t last = dash == std::string::npos ? first : std::stoll(text.substr(dash + 3));
    EXPECT_EQ(first, depth) << text;
    for (; depth <= last; ++depth) EXPECT_EQ(depth_class(depth), number) << depth;
  }
  EXPECT_EQ(depth_class_text(depth_class(12)), "9\u201312");
  EXPECT_EQ(depth_class(-1), 0u);
}

TEST_F(RunHistoryTest, TheFirstRoundAtATargetIsExact) {
  std::string text;
  for (std::int64_t t = 1; t <= 5'000; ++t) text += line(t, 1.0 / static_cast<double>(t));
  write(text);
  const RunHistory history = read_run_history(file, {.rows = 50, .buckets = 10, .window = 1});
  ASSERT_NE(first_at(history, 1.0 / 1234.0), nullptr);
  EXPECT_EQ(first_at(history, 1.0 / 1234.0)->round, 1234);
  EXPECT_EQ(first_at(history, 1.0 / 1234.0)->evaluations, 4 * 1234);
  EXPECT_EQ(first_at(history, 1e-9), nullptr);
}

TEST_F(RunHistoryTest, OneLuckyDrawIsNoProgressOfANoisyRun) {
  std::string text;
  for (std::int64_t t = 1; t <= 100; ++t) text += line(t, t == 30 ? 0.0 : 10.0);
  write(text);
  EXPECT_EQ(first_at(read_run_history(file, {.rows = 100, .buckets = 10, .window = 20}), 5.0), nullptr);
  EXPECT_EQ(first_at(read_run_history(file, {.rows = 100, .buckets = 10, .window = 1}), 5.0)->round, 30);
}

TEST_F(RunHistoryTest, QualityIsReadWhereItWasMeasured) {
  write(line(1, 1.0) + line(2, 1.0, ",\"quality\":{\"accuracy\":0.5}") + line(3, 1.0) +
        line(4, 1.0, ",\"quality\":{\"accuracy\":0.75},\"final_value\":0.5"));
  const RunHistory history = read_run_history(file);
  ASSERT_EQ(history.quality.at("accuracy").size(), 2U);
  EXPECT_EQ(history.quality.at("accuracy")[1].round, 4);
  EXPECT_EQ(history.final_value, 0.5);
}

TEST_F(RunHistoryTest, NullsAreGapsNotNumbers) {
  write("{\"iteration\":1,\"value\":null,\"best_value\":2,\"seconds\":1,\"lengthscale\":null}\n");
  const RunHistory history = read_run_history(file);
  EXPECT_TRUE(std::isnan(history.rows.at(0).value));
  EXPECT_EQ(history.buckets.at(0).log_lengthscale.count, 0);
}

}  // namespace
}  // namespace optex
