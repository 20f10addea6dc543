#include "optex/external/command.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::HasSubstr;

CommandOptions child_with(const std::string& fault) {
  CommandOptions options;
  options.words = {OPTEX_TEST_COMMAND, fault};
  options.evaluation_seconds = 60.0;
  return options;
}

std::string failure_of(const Command& command) {
  Vector gradient(command.dimension());
  try {
    command.value_and_gradient(Vector::Constant(command.dimension(), -1.0), {}, 0, gradient);
  } catch (const EvaluationError& error) {
    return error.what();
  }
  return "none";
}

std::string refusal_of(CommandOptions options) {
  try {
    const Command command(std::move(options), {});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "started";
}

std::string refusal_with(const ExternalSettings& settings) {
  try {
    const Command command(child_with("options"), settings);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "started";
}

void expect_right(const Command& command) {
  const Vector theta = Vector::LinSpaced(command.dimension(), 1.0, 2.0);
  Vector gradient = Vector::Constant(command.dimension(), std::nan(""));
  SampleKey key;
  key.point = 3;
  EXPECT_NEAR(command.value_and_gradient(theta, key, 0, gradient), theta.squaredNorm() / 4 + 3e6, 1e-6);
  EXPECT_TRUE(gradient.isApprox(theta / 2, 1e-6));
}

TEST(Command, IntroducesItselfAndAnswers) {
  const Command command(child_with("none"), {});
  EXPECT_EQ(command.dimension(), 5);
  EXPECT_EQ(command.shard_count(), 2);
  EXPECT_FALSE(command.is_noisy());
  EXPECT_EQ(command.initial_point(), Vector::Zero(5));
  for (int i = 0; i < 3; ++i) expect_right(command);
  EXPECT_TRUE(Command(child_with("noisy"), {}).is_noisy());
  EXPECT_EQ(Command(child_with("start"), {}).initial_point(), Vector::Constant(5, 0.25));
}

TEST(Command, LongVectorsPassThroughBothPipes) {
  const Command command(child_with("none"), {.options = {{"dimension", "1000003"}}});
  EXPECT_EQ(command.dimension(), 1000003);
  expect_right(command);
}

TEST(Command, SinglePrecisionRoundsOnTheWay) {
  CommandOptions options = child_with("none");
  options.single_precision = true;
  const Command command(options, {});
  Vector gradient(5);
  const Vector theta = Vector::Constant(5, 0.1);
  command.value_and_gradient(theta, {}, 0, gradient);
  EXPECT_EQ(gradient[0], static_cast<double>(static_cast<float>(0.1) / 2.0F));
}

TEST(Command, AssessesWhenTheChildCan) {
  const Command command(child_with("none"), {});
  const auto measures = command.assess(Vector::Zero(5));
  ASSERT_EQ(measures.size(), 2U);
  EXPECT_EQ(measures[0].name, "worst error");
  EXPECT_EQ(measures[0].value, 0.5);
  EXPECT_EQ(measures[1].value, 1e-3);
}

TEST(Command, WhatTheChildSaysIsAnAnswerAndItLivesOn) {
  const Command failing(child_with("failed"), {});
  EXPECT_THAT(failure_of(failing), HasSubstr("the solver gave up"));
  expect_right(failing);
  const Command infeasible(child_with("infeasible"), {});
  EXPECT_THAT(failure_of(infeasible), HasSubstr("infeasible: negative mass"));
  Vector gradient(5);
  EXPECT_THROW(infeasible.value_and_gradient(Vector::Constant(5, -1.0), {}, 0, gradient), InfeasiblePoint);
  expect_right(infeasible);
}

struct Breakage {
  std::string fault, message;
};

class Broken : public testing::TestWithParam<Breakage> {};

TEST_P(Broken, IsToldAndTheNextEvaluationHasANewChild) {
  CommandOptions options = child_with(GetParam().fault);
  if (GetParam().fault == "sleep") options.evaluation_seconds = 0.2;
  const Command command(options, {});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(failure_of(command), HasSubstr(GetParam().message));
    expect_right(command);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Broken,
                         testing::Values(Breakage{"exit", "ended with exit code 3"},
                                         Breakage{"segfault", "was killed by signal 11"},
                                         Breakage{"sleep", "did not answer in time"},
                                         Breakage{"garbage", "is garbage: it begins with 0x78787878"},
                                         Breakage{"late", "is garbage: it belongs to request "},
                                         Breakage{"short", "4 numbers of 8 bytes instead of 5 of 8"},
                                         Breakage{"half", "ended with exit code 0"},
                                         Breakage{"huge_text", "is garbage: a text of 1099511627776"}),
                         [](const auto& breakage) { return breakage.param.fault; });

TEST(Command, ASecondAnswerIsNotTakenForThatToTheNextRequest) {
  const Command command(child_with("twice"), {});
  Vector gradient(5);
  command.value_and_gradient(Vector::Constant(5, -1.0), {}, 0, gradient);
  EXPECT_THAT(failure_of(command), HasSubstr("is garbage: "));
  expect_right(command);
}

TEST(Command, WhatIsNoTextArrivesAsOne) {
  const Command command(child_with("no_utf8"), {});
  // Bytes that are no UTF-8 are taken for Latin-1; the character that was cut at the end is left out.
  EXPECT_THAT(failure_of(command),
              testing::EndsWith("gave up at \xC3\xA9 \xC3\xBF \xC3\xAD\xC2\xA0\xC2\x80 "));
}

TEST(Command, OptionsTravelWithTheirTypeAndAnyCharacters) {
  ExternalSettings settings{.seed = 7};
  settings.options = {{"a", "007", true},
                      {"b", "7", false},
                      {"seed", "x\r\n\"\\\f\xC2\x85\xE2\x80\xA8\xF0\x9F\x98\x80", true}};
  EXPECT_THAT(refusal_with(settings), HasSubstr("seed=7\nprecision=f64\na=\"007\"\nb=7\n"
                                                "seed=\"x\\r\\n\\\"\\\\\\f\\u0085\\u2028\\ud83d\\ude00\"\n"));
  settings.options = {{"a", std::string(200'000, 'x'), true}};
  EXPECT_THAT(refusal_with(settings), HasSubstr("do not fit a program's environment"));
}

TEST(Command, NanIsHandedOn) {
  const Command command(child_with("nan"), {});
  Vector gradient(5);
  EXPECT_TRUE(std::isnan(command.value_and_gradient(Vector::Constant(5, -1.0), {}, 0, gradient)));
}

TEST(Command, WhatDoesNotSayHelloIsRefused) {
  EXPECT_THAT(refusal_of(child_with("hello_exit")), HasSubstr("ended with exit code 4"));
  EXPECT_THAT(refusal_of(child_with("hello_dimension")), HasSubstr("dimension is 0"));
  EXPECT_THAT(refusal_of(child_with("hello_failed")), HasSubstr("no licence"));
  EXPECT_THAT(refusal_of(child_with("hello_version")), HasSubstr("version 99 of the protocol"));
  CommandOptions options;
  options.words = {"/bin/true"};
  EXPECT_THAT(refusal_of(options), HasSubstr("'/bin/true' ended with exit code 0"));
  options.words = {"no-such-program-anywhere"};
  EXPECT_THAT(refusal_of(options), HasSubstr("no program 'no-such-program-anywhere' in PATH"));
  options.words = {"./nothing/here"};
  EXPECT_THAT(refusal_of(options), HasSubstr("no such program"));
  const test::TemporaryFolder folder;
  const auto script = [&](const std::string& first_line) {
    std::ofstream(folder.path() / "mine") << first_line << "exit 3\n";
    std::filesystem::permissions(folder.path() / "mine", std::filesystem::perms::owner_all);
    options.words = {(folder.path() / "mine").string()};
    return refusal_of(options);
  };
  EXPECT_THAT(script("#!/bin/sh -e\n"), HasSubstr("ended with exit code 3"));
  EXPECT_THAT(script("#! /opt/none/python3 -u\n"),
              HasSubstr("names '/opt/none/python3', and there is no such"));
  EXPECT_THAT(script("#!/bin/sh\r\n"), HasSubstr("its lines end as on Windows"));
  EXPECT_THAT(script("import optex\n"), HasSubstr("nor a script with a line like '#!/usr/bin/env python3'"));
  options.words = {"/etc/passwd"};
  EXPECT_THAT(refusal_of(options), HasSubstr("is not a program"));
  options.words = {"true"};
  options.folder = "/nowhere/at/all";
  EXPECT_THAT(refusal_of(options), HasSubstr("problem.directory: /nowhere/at/all"));
  CommandOptions silent;
  silent.words = {"sleep", "1000"};
  silent.start_seconds = 0.2;
  EXPECT_THAT(refusal_of(silent), HasSubstr("did not answer in time; it has not connected"));
}

}  // namespace
}  // namespace optex
