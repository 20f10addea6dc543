#include "optex/setup/config.hpp"

#include <filesystem>
#include <string>

#include "configurations.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::mistakes_in;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string command = "[problem]\nname = \"command\"\n";

Config command_with(const std::string& lines, const std::vector<Override>& overrides = {}) {
  return parse_config(command + lines, "mine.toml", overrides);
}

TEST(OwnObjectiveKeys, ACommandIsAListOfWords) {
  const TextList words{"python3", "a b.py", "--x=\"1\""};
  EXPECT_EQ(command_with("command = [\"python3\", 'a b.py', '--x=\"1\"']\n").texts("problem.command"), words);
  EXPECT_EQ(command_with("", {{"problem.command", "python3 'a b.py' --x=\"1\""}}).texts("problem.command"),
            words);
  EXPECT_EQ(command_with("", {{"problem.command", "[\"python3\", 'a b.py', '--x=\"1\"']"}})
                .texts("problem.command"),
            words);
  EXPECT_THAT(
      mistakes_in(command + "command = []\n"),
      ElementsAre(HasSubstr("file.toml:3:11: problem.command: must begin with a program, found none")));
  EXPECT_THAT(mistakes_in(command + "command = \"ls -l\"\n"), ElementsAre(HasSubstr("a list of strings")));
  EXPECT_THAT(mistakes_in(command + "command = [\"ls\", 3]\n"), ElementsAre(HasSubstr("a list of strings")));
  EXPECT_THAT(mistakes_in(command, {{"problem.command", "python3 'mine.py"}}),
              ElementsAre(HasSubstr("--problem.command: must be a list of strings")));
}

TEST(OwnObjectiveKeys, OptionsKeepTheirNamesAndTypes) {
  const Config config = command_with(
      "command = [\"a\"]\n[problem.options]\nrate = 2.5\ncount = 3\nmesh = \"fine one\"\nfast = true\n");
  const OptionTable options = config.options("problem.options");
  EXPECT_EQ(std::get<double>(options.at("rate")), 2.5);
  EXPECT_EQ(std::get<std::int64_t>(options.at("count")), 3);
  EXPECT_EQ(std::get<std::string>(options.at("mesh")), "fine one");
  EXPECT_TRUE(std::get<bool>(options.at("fast")));
  EXPECT_THAT(config.to_toml(),
              HasSubstr("options = { count = 3, fast = true, mesh = \"fine one\", rate = 2.5 }\n"));
  EXPECT_EQ(parse_config(config.to_toml(), "mine.toml").options("problem.options"), options);
  EXPECT_EQ(plain_text(options.at("rate")) + plain_text(options.at("mesh")) + plain_text(options.at("fast")),
            "2.5fine onetrue");
}

TEST(OwnObjectiveKeys, TheCommandLineChangesSingleOptions) {
  const Config config = command_with("command = [\"a\"]\noptions = { rate = 2.5, count = 3 }\n",
                                     {{"problem.options.rate", "7"}, {"problem.options.name", "x y"}});
  EXPECT_EQ(
      config.options("problem.options"),
      (OptionTable{{"count", std::int64_t{3}}, {"name", std::string("x y")}, {"rate", std::int64_t{7}}}));
  EXPECT_THAT(mistakes_in(command + "command = [\"a\"]\n",
                          {{"problem.options.rate", "7"}, {"problem.options.rate", "8"}}),
              ElementsAre(HasSubstr("--problem.options.rate: given twice")));
  EXPECT_THAT(mistakes_in(command + "command = [\"a\"]\n", {{"problem.options", "7"}}),
              ElementsAre(HasSubstr("write --problem.options.NAME=VALUE")));
}

TEST(OwnObjectiveKeys, TextStaysTextAndAnyCharactersSurviveAResolvedConfiguration) {
  const std::vector<Override> overrides{
      {"problem.options.a", "\"7\""}, {"problem.options.b", "'true'"},
      {"problem.options.c", "007"},   {"problem.options.d", "\""},
      {"problem.options.e", "Nan"},   {"problem.options.f", "99999999999999999999"}};
  const std::string hard = std::string("\0", 1) + "a\r\n\t\f\x1b\"\\\xC2\x85\xE2\x80\xA8\x7f";
  const Config config = command_with(
      "command = [\"a\"]\noptions = { h = \"\\u0000a\\r\\n\\t\\f\\u001b\\\"\\\\\\u0085\\u2028\\u007f\" }\n",
      overrides);
  const OptionTable expected{{"a", std::string("7")},
                             {"b", std::string("true")},
                             {"c", std::string("007")},
                             {"d", std::string("\"")},
                             {"e", std::string("Nan")},
                             {"f", std::string("99999999999999999999")},
                             {"h", hard}};
  EXPECT_EQ(config.options("problem.options"), expected);
  EXPECT_EQ(parse_config(config.to_toml(), "mine.toml").options("problem.options"), expected);
}

TEST(OwnObjectiveKeys, OptionsThatCannotTravelAreRefused) {
  const std::string start = command + "command = [\"a\"]\n[problem.options]\n";
  EXPECT_THAT(mistakes_in(start + "a = [1, 2]\n"),
              ElementsAre(HasSubstr("file.toml:5:5: problem.options.a: must be")));
  EXPECT_THAT(mistakes_in(start + "\"a=b\" = 2\n"), ElementsAre(HasSubstr("is no name for an option")));
  EXPECT_THAT(mistakes_in("[problem]\nname = \"sphere\"\n[problem.options]\na = 1\n"),
              ElementsAre(HasSubstr("problem.options does nothing with problem.name = \"sphere\"")));
}

TEST(OwnObjectiveKeys, WhereAProgramRunsIsKeptAndIsNoNumber) {
  const Config here = command_with("command = [\"a\"]\n");
  EXPECT_EQ(here.text("problem.directory"), std::filesystem::current_path().string());
  const Config there = command_with("command = [\"a\"]\ndirectory = \"/somewhere/else\"\n");
  EXPECT_EQ(here.numbers_hash(), there.numbers_hash());
  const Config other = command_with("command = [\"a\"]\noptions = { n = 1 }\n");
  EXPECT_NE(here.numbers_hash(), other.numbers_hash());
}

TEST(OwnObjectiveKeys, AnEvaluationIsGivenUpBeforeItsRank) {
  EXPECT_THAT(
      mistakes_in(command + "command = [\"a\"]\n[failure]\nevaluation_seconds = 60\nstall_seconds = 60\n"),
      ElementsAre(HasSubstr("failure.evaluation_seconds: must be less than failure.stall_seconds = 60")));
}

TEST(OwnObjectiveKeys, MethodsForExactGradientsAskForExactGradients) {
  EXPECT_THAT(mistakes_in(command + "command = [\"a\"]\nnoisy = true\n[method]\nname = \"lbfgs\"\n"),
              ElementsAre(HasSubstr("needs exact gradients, but problem.noisy makes them noisy")));
}

}  // namespace
}  // namespace optex
