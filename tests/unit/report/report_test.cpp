#include "optex/report/report.hpp"

#include "optex/core/errors.hpp"
#include "optex/report/pages.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "support/temporary_folder.hpp"
#include "unit/report/written_run.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::WrittenRun;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ReportTest : public testing::Test {
 protected:
  std::filesystem::path at(const std::string& name) const { return folder / name; }
  Report report_of(const std::vector<std::string>& names, const ReportOptions& options = {}) const {
    std::vector<ReportedRun> runs;
    for (const std::string& name : names)
      for (ReportedRun& run : read_runs(at(name))) runs.push_back(std::move(run));
    return make_report(std::move(runs), options);
  }
  test::TemporaryFolder folder;
};

TEST_F(ReportTest, AnFThatMovesIsNotCompared) {
  for (const int seed : {0, 1, 2}) {
    for (const std::string method : {"optex", "vanilla"}) {
      const std::filesystem::path run = at(method + std::to_string(seed));
      WrittenRun{.folder = run}.write();
      std::ofstream(run / "resolved.toml")
          << "[run]\nseed = " << seed << "\n[problem]\nname = \"dqn\"\n[data]\nbatch = 8\n[method]\nname = \""
          << method << "\"\n";
      std::ofstream metrics(run / "metrics.jsonl");
      for (const int t : {1, 2, 3})
        metrics << R"({"iteration":)" << t << R"(,"value":1,"best_value":1,"evaluations":)" << t
                << R"(,"seconds":1,"quality":{"exploration":0.5,"mean_return":)"
                << (method == "optex" ? 100 : 50) * (t == 2 ? 3 : 1) + seed << "}}\n";
    }
  }
  const Report report = make_report(read_runs(folder / "."));
  EXPECT_TRUE(report.targets.empty());
  EXPECT_THAT(report.findings, Contains(HasSubstr("its values cannot be compared")));
  EXPECT_THAT(report.findings,
              Contains("mean_return by optex: at the end 101, at most 301 (medians of 3); vanilla: at "
                       "the end 51, at most 151 (medians of 3)."));
  EXPECT_THAT(report.findings, Not(Contains(HasSubstr("wins"))));
  const auto charts = report_charts(report);
  ASSERT_EQ(charts.size(), 1U);
  EXPECT_EQ(charts.front().first, "mean_return-rounds");
  EXPECT_THAT(report_html(report), HasSubstr("mean_return over rounds"));
}

TEST_F(ReportTest, TheWinnerByEachCostIsNamedWhereMostCame) {
  WrittenRun{.folder = at("few"), .speed = 5.0, .seconds = 10.0}.write();
  WrittenRun{.folder = at("plain"), .method = "vanilla"}.write();
  const Report report = report_of({"few", "plain"});
  EXPECT_TRUE(report.one_problem);
  // The best F is 100 / 201; only at 10 above it are both there. From 0.01 on nothing changes any more.
  ASSERT_EQ(report.targets.size(), 4U);
  EXPECT_EQ(report.targets[0].gap, 10.0);
  EXPECT_EQ(report.targets[0].groups[0].rounds.median, 2.0);
  EXPECT_EQ(report.targets[0].groups[1].rounds.median, 9.0);
  const std::string there = report.targets[0].text + " (best seen + 10)";
  EXPECT_THAT(there, StartsWith("F <= 10.4975"));
  EXPECT_EQ(report.findings[0],
            "By rounds to " + there + ": few wins with 2; next is plain with 9, 4.5 times that.");
  EXPECT_EQ(report.findings[1],
            "By gradients to " + there + ": few wins with 8; next is plain with 36, 4.5 times that.");
  EXPECT_EQ(report.findings[2],
            "By wall time to " + there + ": plain wins with 9 s; next is few with 20 s, 2.22 times that.");
  EXPECT_THAT(report.findings[3], StartsWith("On 2 ranks few needs less time than plain "));
  EXPECT_THAT(report.findings[4], HasSubstr("(best seen + 1e-8): few wins with 40; nobody"));
  // The page: the best of a column is bold, whoever it is.
  const std::string page = report_html(report);
  EXPECT_NE(page.find("<b>2</b>"), std::string::npos);
  EXPECT_NE(page.find("<td>9<span class=\"times\">4.5\u00d7</span></td>"), std::string::npos);
  EXPECT_NE(page.find("<b>9 s</b>"), std::string::npos);
  EXPECT_NE(page.find("<td>20 s<span class=\"times\">2.22\u00d7</span></td>"), std::string::npos);
}

TEST_F(ReportTest, RankedByWhatWasAskedFor) {
  WrittenRun{.folder = at("few"), .speed = 5.0, .seconds = 10.0}.write();
  WrittenRun{.folder = at("plain"), .method = "vanilla"}.write();
  const Report report = report_of({"few", "plain"}, {.targets = {50.0, 10.0}, .by = Cost::wall});
  EXPECT_EQ(ranking_text(report),
            "wall time to  F <= 50  F <= 10\nplain             1 s      9 s\n"
            "few              10 s     20 s\n");
  EXPECT_THAT(report.findings[0], HasSubstr("By wall time to F <= 10: plain wins"));
  const std::string page = report_html(report);
  EXPECT_LT(
      page.find("<td>1</td><td class=\"text\"><span class=\"dot\" style=\"background:#e8710a\"></span>plain"),
      page.find("<td>2</td><td class=\"text\"><span class=\"dot\" style=\"background:#2f7ed8\"></span>few"));
}

TEST_F(ReportTest, ThoseThatTieShareThePlace) {
  for (const char* rate : {"0.1", "0.2"})
    WrittenRun{.folder = at(rate), .more_config = fmt::format("[optimizer]\nlearning_rate = {}\n", rate)}
        .write();
  WrittenRun{.folder = at("slow"), .method = "vanilla", .speed = 0.5}.write();
  const std::string page = report_html(report_of({"0.1", "0.2", "slow"}, {.targets = {10.0}}));
  const auto count = [&](const std::string& text) {
    std::size_t times = 0;
    for (std::size_t p = page.find(text); p != std::string::npos; p = page.find(text, p + 1)) ++times;
    return times;
  };
  EXPECT_EQ(count("<td>1</td><td class=\"text\">"), 2U);
  EXPECT_EQ(count("<td>2</td><td class=\"text\">"), 0U);
  EXPECT_EQ(count("<td>3</td><td class=\"text\">"), 1U);
}

TEST_F(ReportTest, TargetsDifferInTheDigitsShownAndNobodyHadThemAtTheStart) {
  for (const double offset : {0.0, -3.0, 1e6, 1e9, 1e12}) {
    WrittenRun{.folder = at("fast"), .speed = 5.0, .offset = offset}.write();
    WrittenRun{.folder = at("plain"), .method = "vanilla", .offset = offset}.write();
    const Report report = report_of({"fast", "plain"});
    std::set<std::string> texts;
    ASSERT_FALSE(report.targets.empty()) << offset;
    for (const ReportTarget& target : report.targets) {
      texts.insert(target.text);
      EXPECT_LT(target.value, offset + 100.0);
      EXPECT_EQ(std::stod(target.text.substr(5)), target.value);
      EXPECT_FALSE(ranking(report, target, Cost::rounds).empty());
    }
    EXPECT_EQ(texts.size(), report.targets.size()) << offset;
  }
}

TEST_F(ReportTest, NoTargetIsBelowWhereARunWasToldToStop) {
  WrittenRun{.folder = at("fast"), .rounds = 7, .speed = 5.0, .reason = "value"}.write();  // 100 / 36
  WrittenRun{.folder = at("plain"), .method = "vanilla", .reason = "value"}.write();       // 100 / 41
  const Report report = report_of({"fast", "plain"});
  ASSERT_FALSE(report.targets.empty());
  for (const ReportTarget& target : report.targets) {
    EXPECT_GE(target.value, 100.0 / 36.0);
    EXPECT_EQ(target.groups[0].reached, 1U);
    EXPECT_EQ(target.groups[1].reached, 1U);
  }
}

TEST_F(ReportTest, TargetsAsAskedForAndNotReached) {
  WrittenRun{.folder = at("a")}.write();
  const Report report = report_of({"a"}, {.targets = {1e-3, 50.0}});
  ASSERT_EQ(report.targets.size(), 2U);
  EXPECT_EQ(report.targets[0].groups[0].rounds.median, 1.0);
  EXPECT_EQ(report.targets[1].groups[0].reached, 0U);
  EXPECT_TRUE(std::isinf(report.targets[1].groups[0].rounds.median));
}

TEST_F(ReportTest, SaysHowAStoppedRunGoesOn) {
  WrittenRun{.folder = at("run"), .state = "stopped", .reason = "signal"}.write();
  WrittenRun{.folder = at("small"), .problem = "external", .state = "stopped", .reason = "gtol"}.write();
  EXPECT_THAT(report_of({"run"}).findings,
              Contains(HasSubstr("can go on: optex resume " + at("run").string())));
  const Report told = report_of({"small"});
  EXPECT_THAT(told.findings,
              Contains(HasSubstr("can go on: call minimize again with this folder and a smaller gtol")));
  EXPECT_THAT(told.findings, Not(Contains(HasSubstr("resume"))));
}

TEST_F(ReportTest, SeedsOfOneSettingAreOneGroup) {
  for (int seed = 0; seed < 3; ++seed)
    for (const char* rate : {"0.1", "0.2"})
      WrittenRun{.folder = at(fmt::format("grid/{}-{}", rate, seed)),
                 .more_config = fmt::format("[optimizer]\nlearning_rate = {}\n", rate),
                 .seed = seed,
                 .speed = 1.0 + seed}
          .write();
  const Report report = report_of({"grid"});
  ASSERT_EQ(report.groups.size(), 2U);
  EXPECT_EQ(report.groups[0].label, "learning_rate 0.1");
  EXPECT_EQ(report.groups[1].label, "learning_rate 0.2");
  EXPECT_EQ(report.groups[0].runs.size(), 3U);
  EXPECT_THAT(report.runs[report.groups[1].runs[2]].label, "learning_rate 0.2, seed 2");
}

TEST_F(ReportTest, TheSameRunTwiceIsTwoCurves) {
  WrittenRun{.folder = at("two-ranks")}.write();
  WrittenRun{.folder = at("four-ranks")}.write();
  const Report report = report_of({"two-ranks", "four-ranks"});
  ASSERT_EQ(report.groups.size(), 2U);
  EXPECT_EQ(report.groups[1].label, "four-ranks");
}

TEST_F(ReportTest, DifferentProblemsAreShownButNotCompared) {
  WrittenRun{.folder = at("a")}.write();
  WrittenRun{.folder = at("b"), .problem = "sphere"}.write();
  const Report report = report_of({"a", "b"});
  EXPECT_FALSE(report.one_problem);
  EXPECT_TRUE(report.targets.empty());
  EXPECT_THAT(report.findings, Contains(HasSubstr("different functions")));
  EXPECT_THAT(report_html(report), HasSubstr("different functions"));
}

TEST_F(ReportTest, WhoDoesNotSayWhatItMinimisesIsNotCompared) {
  WrittenRun{.folder = at("a")}.write();
  WrittenRun{.folder = at("b")}.write();
  std::filesystem::resize_file(at("b") / "resolved.toml", 3);
  const Report report = report_of({"a", "b"});
  EXPECT_TRUE(report.targets.empty());
  EXPECT_THAT(report.findings, Contains(HasSubstr("What some of the runs minimise is not known")));
}

TEST_F(ReportTest, WhatTheyDifferInIsAllThatIsListed) {
  WrittenRun{.folder = at("a"), .more_config = "parallelism = 4\n"}.write();
  WrittenRun{.folder = at("b"), .more_config = "parallelism = 8\n", .seed = 3}.write();
  const Report report = report_of({"a", "b"});
  ASSERT_EQ(report.differences.size(), 1U);
  EXPECT_EQ(report.differences[0].key, "method.parallelism");
  EXPECT_THAT(report.differences[0].values, ElementsAre("4", "8"));
}

TEST_F(ReportTest, FoldersThatHoldNoRunAreRefusedWithTheReason) {
  const auto refusal = [&](const std::string& name) {
    try {
      read_runs(at(name));
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refusal("nowhere"), HasSubstr("nowhere: no such folder"));
  std::filesystem::create_directories(at("empty"));
  EXPECT_THAT(refusal("empty"), HasSubstr("there is no run in it"));
  std::ofstream(at("file")) << "x";
  EXPECT_THAT(refusal("file"), HasSubstr("is not a folder"));
}

TEST_F(ReportTest, DamagedFoldersAreShownWithRemarks) {
  WrittenRun{.folder = at("run")}.write();
  std::ofstream(at("run/status.json")) << "{\"state\": ";
  std::ofstream(at("run/resolved.toml")) << "[problem]\nnme = \"sphere\"\n";
  std::ofstream(at("run/provenance.json")) << "";
  std::ofstream(at("run/events.jsonl")) << "garbage\n";
  const Report report = report_of({"run"});
  EXPECT_THAT(report.findings, Contains(HasSubstr("status.json is damaged")));
  EXPECT_THAT(report.findings, Contains(HasSubstr("resolved.toml cannot be read")));
  EXPECT_THAT(report.findings, Contains(HasSubstr("provenance.json is missing or damaged")));
  EXPECT_EQ(report.runs[0].history.rounds, 40);
  EXPECT_THAT(report_html(report), HasSubstr("<h1>run</h1>"));
}

TEST_F(ReportTest, ThePageNeedsNothingElseAndTextStaysText) {
  WrittenRun{.folder = at("<script>alert(1)<")}.write();
  WrittenRun{.folder = at("plain"), .method = "vanilla"}.write();
  const std::string page = report_html(report_of({"<script>alert(1)<", "plain"}));
  // Without the charts' own script; what fails is not printed, it is long.
  const std::string words = page.substr(0, page.find("id=\"data\""));
  const auto holds = [&](const char* text) { return words.find(text) != std::string::npos; };
  EXPECT_TRUE(holds("a &amp; b"));
  for (const char* text :
       {"<script>alert", "<b>look", "src=\"", "@import", "url(", "rel=\"stylesheet\"", "node<1>"})
    EXPECT_FALSE(holds(text)) << text;
  EXPECT_EQ(page.find("alert(1)<"), std::string::npos);
  // Whatever got in: the browser fetches nothing and runs the program's own script or none.
  EXPECT_TRUE(holds("default-src 'none'"));
  EXPECT_TRUE(holds(has_interactive_charts() ? "script-src 'sha256-" : "script-src 'none'"));
}

TEST_F(ReportTest, TheTableHoldsEveryRound) {
  WrittenRun{.folder = at("a"), .rounds = 7}.write();
  WrittenRun{.folder = at("b"), .method = "vanilla", .rounds = 5}.write();
  write_report_csv(report_of({"a", "b"}), at("all.csv"));
  const std::string table = test::read_bytes(at("all.csv"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 1 + 7 + 5);
  EXPECT_THAT(table, HasSubstr("\na,a,0,1,4,1,100,50,1\n"));
}

TEST_F(ReportTest, FoldersNamedLikeFormulasAndCommandsAreText) {
  WrittenRun{.folder = at("=1+1"), .rounds = 1}.write();
  WrittenRun{.folder = at("a\x1b[2J\x9b"), .method = "vanilla", .rounds = 1}.write();
  write_report_csv(report_of({"=1+1", "a\x1b[2J\x9b"}), at("all.csv"));
  EXPECT_THAT(test::read_bytes(at("all.csv")), HasSubstr("\n'=1+1,'=1+1,0,1,4,"));
  EXPECT_EQ(report_of({"a\x1b[2J\x9b"}).runs[0].name, "a [2J?");
}

TEST_F(ReportTest, BusyAndIdleRankHours) {
  WrittenRun{.folder = at("a"), .rounds = 3600}.write();
  const Report report = report_of({"a"});
  EXPECT_NEAR(report.runs[0].status.load.busy_hours(), 1.0, 1e-12);
  EXPECT_NEAR(report.runs[0].status.load.idle_hours(), 1.0, 1e-12);
  EXPECT_THAT(report.findings,
              Contains(HasSubstr("50 % of their time computing gradients (1 of 2 rank-hours)")));
  EXPECT_THAT(report.findings, Contains(HasSubstr("rank 0 computed 80 %, rank 1 20 %")));
}

TEST(Chart, TicksAreRoundNumbers) {
  EXPECT_THAT(ticks_between(0.0, 10.0, false, 5), ElementsAre(0.0, 2.0, 4.0, 6.0, 8.0, 10.0));
  EXPECT_FALSE(std::signbit(ticks_between(0.0, 10.0, false, 5).front()));  // would be drawn as -0
  EXPECT_THAT(ticks_between(1e-3, 1e3, true, 7).size(), 7U);
  EXPECT_GE(ticks_between(2.0, 3.0, true).size(), 2U);
  EXPECT_TRUE(ticks_between(-1.0, 1.0, true).empty());
}

TEST(Chart, PicturesHaveOnlyNumbersInTheirPaths) {
  Chart chart;
  chart.title = "a < b";
  chart.log_y = true;
  chart.lines = {
      {"x", 0, false, false, {{1.0, 1.0}, {2.0, -1.0}, {3.0, std::nan("")}, {4.0, 10.0}, {5.0, 100.0}}},
      {"one point", 1, true, false, {{2.0, 2.0}}}};
  const std::string svg = svg_chart(chart);
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_TRUE(std::regex_search(svg, std::regex("d=\"M[0-9. ]+M[0-9. ]+L[0-9. ]+\""))) << svg;
  EXPECT_THAT(svg_chart({}), HasSubstr("nothing to show"));
}

}  // namespace
}  // namespace optex
