#include "optex/comparison/comparison.hpp"

#include "optex/comparison/break_even.hpp"

#include <algorithm>
#include <limits>
#include <sstream>

#include "made_up_runs.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

using test::failed_run;
using test::made_up_run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr double infinite = std::numeric_limits<double>::infinity();

Contender contender_of(const std::string& label, std::vector<RunRecord> runs, bool ideal = false) {
  Contender contender;
  contender.label = label;
  contender.ideal = ideal;
  contender.learning_rate = 0.25;
  contender.runs = std::move(runs);
  return contender;
}

/// Slow comes to 1 in four rounds, quick in two but with slower rounds, ideal in one.
Comparison sample() {
  RunRecord quick = made_up_run({8, 3, 1});
  for (CurvePoint& point : quick.curve) point.seconds *= 10;
  Comparison comparison;
  comparison.ranks = 4;
  comparison.targets = {4, 1};
  comparison.origin_of_targets = "made up";
  comparison.contenders = {contender_of("slow", {made_up_run({8, 7, 4, 2, 1})}),
                           contender_of("quick", {quick}),
                           contender_of("dream", {made_up_run({8, 1})}, true)};
  return comparison;
}

TEST(Spread, MedianSmallestLargest) {
  const auto check = [](std::vector<double> numbers, double median, double smallest, double largest) {
    const Spread spread = spread_of(std::move(numbers));
    EXPECT_EQ(spread.median, median);
    EXPECT_EQ(spread.smallest, smallest);
    EXPECT_EQ(spread.largest, largest);
  };
  check({3}, 3, 3, 3);
  check({9, 1, 2}, 2, 1, 9);
  check({9, 1, 2, 4}, 3, 1, 9);
  check({infinite, 1, 2}, 2, 1, infinite);
  check({infinite, 1}, infinite, 1, infinite);
}

TEST(Comparison, ReachCountsRoundsGradientsAndSeconds) {
  const Contender three = contender_of(
      "c", {made_up_run({8, 4, 1}), made_up_run({8, 7, 6, 5, 1}, 1), made_up_run({8, 7, 6, 5, 5}, 2)});
  const Reach reach = reach_of(three, 1);
  EXPECT_EQ(reach.reached, 2u);
  EXPECT_EQ(reach.rounds.median, 4);
  EXPECT_EQ(reach.rounds.smallest, 2);
  EXPECT_EQ(reach.rounds.largest, infinite);
  EXPECT_EQ(reach.evaluations.median, 8);
  EXPECT_EQ(reach.seconds.median, 2);
  EXPECT_EQ(reach_of(three, 0.5).reached, 0u);
  EXPECT_EQ(reach_of(three, 0.5).rounds.median, infinite);
  EXPECT_EQ(reach_of(contender_of("none", {}), 1).rounds.median, infinite);
}

TEST(Verdict, NamesTheWinnerByRoundsAndByTimeAndNeverTheIdeal) {
  const Judgement verdict = verdict_on(sample());
  EXPECT_EQ(verdict.target, 1);
  EXPECT_THAT(verdict.by_rounds, ElementsAre("quick"));
  EXPECT_THAT(verdict.by_seconds, ElementsAre("slow"));
  EXPECT_THAT(verdict.by_evaluations, ElementsAre("quick"));
  ASSERT_EQ(verdict.lines.size(), 3u);
  EXPECT_EQ(verdict.lines[0], "By rounds to F <= 1: quick wins with 2; next is slow with 4, 2 times that");
  EXPECT_EQ(verdict.lines[1], "By gradients to F <= 1: quick wins with 4; next is slow with 8, 2 times that");
  EXPECT_EQ(verdict.lines[2],
            "By wall time to F <= 1: slow wins with 2 s; next is quick with 10 s, 5 times that");
}

TEST(Verdict, FallsBackToTheTightestTargetThatAnybodyReached) {
  Comparison comparison = sample();
  comparison.targets = {4, 1, 0.5};
  EXPECT_EQ(verdict_on(comparison).target, 1);
  comparison.contenders.erase(comparison.contenders.begin() + 1);
  EXPECT_EQ(verdict_on(comparison).lines[0], "By rounds to F <= 1: slow wins with 4; nobody else came there");
  comparison.targets = {0.5};
  const Judgement nobody = verdict_on(comparison);
  EXPECT_EQ(nobody.target, std::nullopt);
  EXPECT_THAT(nobody.by_rounds, IsEmpty());
  EXPECT_THAT(nobody.lines, ElementsAre("Nobody reached any target; slow came lowest, to F = 1"));
  comparison.contenders = {contender_of("broken", {failed_run({})})};
  EXPECT_THAT(verdict_on(comparison).lines, ElementsAre("Nobody reached any target"));
}

TEST(Verdict, WhoCameFurthestDoesNotHideWhoWasFasterOnTheWay) {
  Comparison comparison = sample();
  comparison.targets = {4, 1, 0.5};
  comparison.contenders[0].runs = {made_up_run({8, 7, 4, 2, 1, 0.5})};
  const Judgement verdict = verdict_on(comparison);
  EXPECT_EQ(verdict.target, 0.5);
  EXPECT_THAT(verdict.by_rounds, ElementsAre("slow"));
  ASSERT_EQ(verdict.lines.size(), 6u);
  EXPECT_EQ(verdict.lines[0], "By rounds to F <= 1: quick wins with 2; next is slow with 4, 2 times that");
  EXPECT_EQ(verdict.lines[3], "By rounds to F <= 0.5: slow wins with 5; nobody else came there");
}

TEST(Verdict, LeavesOutTargetsThatAreMetAtTheStart) {
  Comparison comparison = sample();
  comparison.targets = {9, 0.5};  // all begin at 8
  EXPECT_THAT(
      verdict_on(comparison).lines,
      ElementsAre("Nobody reached a target that is not met at the start; slow came lowest, to F = 1"));
  EXPECT_THAT(comparison_text(comparison), HasSubstr("\nF <= 9: met at the start\n\nF <= 0.5\n"));
  comparison.targets = {9};
  EXPECT_EQ(verdict_on(comparison).target, std::nullopt);
  EXPECT_THAT(verdict_on(comparison).lines, ElementsAre("Every target is met at the start: give lower ones"));
  comparison.targets = {9, 1};
  EXPECT_EQ(verdict_on(comparison).target, 1);
}

TEST(BreakEven, FollowsFromRoundsPointsAndRanks) {
  const RoundsOf many{"m", 50, 4}, one{"o", 100, 1};
  EXPECT_NEAR(*break_even_share(many, one, 4), 1.0 / 3.0, 1e-12);  // 50 = 100 (s + (1 - s) / 4)
  EXPECT_EQ(break_even_share(many, one, 2), std::nullopt);         // two lots a round
  EXPECT_EQ(break_even_share(many, one, 1), std::nullopt);
  // Each point has two ranks of its own: 50 (s + (1 - s) / 2) = 100 (s + (1 - s) / 8)
  EXPECT_NEAR(*break_even_share(many, one, 8), 12.5 / 62.5, 1e-12);
  EXPECT_EQ(break_even_share({"m", 100, 4}, one, 4), std::nullopt);
  EXPECT_EQ(break_even_share({"m", 20, 4}, one, 4), 0.0);
  EXPECT_EQ(
      break_even_line(many, one, 4),
      "On 4 ranks m needs less time than o where more than 34 % of a gradient's time cannot be split over "
      "ranks (what rank 0 computes between rounds not counted)");
  EXPECT_EQ(break_even_line({"m", 100, 4}, one, 4),
            "On 4 ranks m saves no time beside o, however dear a gradient is");
}

TEST(BreakEven, IsPartOfTheVerdictWhereSomeoneHasSeveralPoints) {
  Comparison comparison = sample();
  for (Contender& contender : comparison.contenders)
    if (contender.label == "quick") contender.points = 2;
  EXPECT_THAT(verdict_on(comparison).lines.back(),
              StartsWith("On 4 ranks quick needs less time than slow however well a gradient can"));
  comparison.noisy = true;
  EXPECT_EQ(verdict_on(comparison).lines.size(), 3u);
}

TEST(Verdict, SaysWhenMethodsTieAndWhenSeedsOverlap) {
  Comparison comparison = sample();
  comparison.contenders = {contender_of("a", {made_up_run({8, 4, 1})}),
                           contender_of("b", {made_up_run({8, 4, 1})})};
  EXPECT_THAT(verdict_on(comparison).by_rounds, ElementsAre("a", "b"));
  EXPECT_EQ(verdict_on(comparison).lines[0], "By rounds to F <= 1: a and b tie at 2");

  const auto rounds = [](int n) {
    std::vector<double> values(static_cast<std::size_t>(n), 8.0);
    values.push_back(1.0);
    return made_up_run(values);
  };
  comparison.contenders = {contender_of("a", {rounds(2), rounds(4), rounds(9)}),
                           contender_of("b", {rounds(5), rounds(6), rounds(7)})};
  EXPECT_THAT(verdict_on(comparison).lines[0],
              HasSubstr("a wins with 4; next is b with 6, 1.5 times that (their"));
  comparison.contenders[0].runs[2] = rounds(4);
  EXPECT_THAT(verdict_on(comparison).lines[0], Not(HasSubstr("overlap")));
}

TEST(ComparisonText, OneTableATargetSortedByRounds) {
  Comparison comparison = sample();
  comparison.contenders[0].rate_at_edge = true;
  comparison.contenders[0].tuning = {7, 21, 1.5};
  comparison.contenders.push_back(contender_of("broken", {failed_run({8, 5})}));
  const std::string text = comparison_text(comparison);
  EXPECT_THAT(text, HasSubstr("Targets F <= 4, 1 (made up); 4 ranks\n"));
  EXPECT_THAT(text, Not(HasSubstr("is measured every")));
  comparison.measured_every = 8;
  EXPECT_THAT(comparison_text(comparison), HasSubstr("F is measured every 8 rounds"));
  const std::string tight =
      text.substr(text.find("\nF <= 1\n"), text.find("Whole runs") - text.find("\nF <= 1\n"));
  EXPECT_LT(tight.find("dream (ideal)"), tight.find("quick"));
  EXPECT_LT(tight.find("quick"), tight.find("slow"));
  EXPECT_LT(tight.find("slow"), tight.find("broken"));
  EXPECT_THAT(tight, HasSubstr("broken         0.25           not reached; 5 at best\n"));
  // slow: 2 seconds on four ranks
  EXPECT_THAT(tight,
              HasSubstr("slow           0.25!          4       8          2 s        0.002222    1 of 1\n"));
  EXPECT_THAT(text, HasSubstr("7 runs, 21 gradients, 1.5 s"));
  EXPECT_THAT(text, HasSubstr("! the best rate stands at the edge"));
  EXPECT_THAT(text, HasSubstr("broken, seed 0, failed: it broke\n"));
  EXPECT_THAT(text, HasSubstr("By rounds to F <= 1: quick wins"));
  for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
    end = text.find('\n', at);
    if (end != std::string::npos && end > at) {
      EXPECT_NE(text[end - 1], ' ');
    }
  }
}

TEST(ComparisonText, SpreadsOverSeedsAreShown) {
  Comparison comparison = sample();
  comparison.contenders = {
      contender_of("c", {made_up_run({8, 1}), made_up_run({8, 7, 1}, 1), made_up_run({8, 8, 8, 8}, 2)})};
  const std::string text = comparison_text(comparison);
  EXPECT_THAT(text, HasSubstr("medians over 3 seeds"));
  EXPECT_THAT(text, HasSubstr("2 (1--)"));
  EXPECT_THAT(text, HasSubstr("2 of 3"));
}

TEST(ComparisonFiles, JsonHoldsWhatTheTextSays) {
  Comparison comparison = sample();
  comparison.contenders[1].learning_rate.reset();
  const auto json = nlohmann::json::parse(comparison_json(comparison));
  EXPECT_EQ(json["format"], "optex-comparison");
  EXPECT_EQ(json["ranks"], 4);
  EXPECT_EQ(json["measured_every"], 1);
  EXPECT_EQ(json["targets"], (std::vector<double>{4, 1}));
  ASSERT_EQ(json["methods"].size(), 3u);
  EXPECT_TRUE(json["methods"][1]["learning_rate"].is_null());
  EXPECT_EQ(json["methods"][2]["ideal"], true);
  const auto& tight = json["methods"][0]["targets"][1];
  EXPECT_EQ(tight["value"], 1);
  EXPECT_EQ(tight["rounds"]["median"], 4);
  EXPECT_EQ(tight["evaluations"]["median"], 8);
  EXPECT_DOUBLE_EQ(tight["rank_hours"]["median"].get<double>(), 2.0 * 4 / 3600);
  EXPECT_EQ(json["verdict"]["by_rounds"], std::vector<std::string>{"quick"});
  comparison.targets = {0.5};
  const auto none = nlohmann::json::parse(comparison_json(comparison));
  EXPECT_TRUE(none["methods"][0]["targets"][0]["rounds"]["median"].is_null());
  EXPECT_TRUE(none["verdict"]["target"].is_null());
}

TEST(ComparisonFiles, CsvHasALineARunAndTarget) {
  Comparison comparison = sample();
  comparison.targets = {1, 0.5};
  comparison.contenders.resize(1);
  comparison.contenders[0].label = "slow, \"indeed\"";
  EXPECT_EQ(comparison_csv(comparison),
            "method,learning_rate,seed,target,reached,rounds,evaluations,seconds,rank_hours\n"
            "\"slow, \"\"indeed\"\"\",0.25,0,1,1,4,8,2,0.0022222222222222222\n"
            "\"slow, \"\"indeed\"\"\",0.25,0,0.5,0,,,,\n");
}

}  // namespace
}  // namespace optex
