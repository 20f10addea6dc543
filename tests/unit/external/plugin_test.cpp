#include "optex/external/plugin.hpp"

#include "optex/core/errors.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/external/inside_plugin.hpp"

#include <cfenv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace optex {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::filesystem::path plugin_called(const std::string& defect) {
  return std::filesystem::path(OPTEX_TEST_PLUGINS) / ("test_plugin_" + defect + ".so");
}

/// The message and code that loading it throws.
std::pair<ExitCode, std::string> refusal(const std::filesystem::path& library) {
  try {
    const Plugin plugin(library, {});
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {ExitCode::success, "loaded"};
}

void expect_refused(const std::filesystem::path& library, ExitCode code, const std::string& text) {
  const auto [found, message] = refusal(library);
  EXPECT_EQ(found, code) << message;
  EXPECT_THAT(message, AllOf(StartsWith(library.string()), HasSubstr(text)));
}

TEST(Plugin, TellsWhatTheLibraryTells) {
  const Plugin plugin(plugin_called("whole"), {});
  EXPECT_EQ(plugin.dimension(), 3);
  EXPECT_EQ(plugin.shard_count(), 2);
  EXPECT_FALSE(plugin.is_noisy());
  EXPECT_EQ(plugin.initial_point(), (Vector(3) << 1.0, 2.0, 3.0).finished());
  const auto measures = plugin.assess(Vector::Constant(3, 7.0));
  ASSERT_EQ(measures.size(), 1U);
  EXPECT_EQ(measures.front().name, "first coordinate");
  EXPECT_EQ(measures.front().value, 7.0);
}

TEST(Plugin, HandsOverOptionsKeyAndShard) {
  const Plugin plugin(plugin_called("whole"), {.options = {{"other", "x"}, {"scale", "0.5"}}});
  Vector gradient(3);
  SampleKey key;
  key.point = 4;
  EXPECT_EQ(plugin.value_and_gradient(Vector::Constant(3, 6.0), key, 1, gradient), 0.5 * 4.0);
  EXPECT_EQ(gradient, (Vector(3) << 0.0, 2.0, 0.0).finished());
  EXPECT_EQ(plugin.value_and_gradient(Vector::Constant(3, 6.0), SampleKey::exact(), 1, gradient), 0.5 * 36.0);
}

TEST(Plugin, ShowsWhatThereIsToSee) {
  const Plugin plugin(plugin_called("whole"), {});
  const std::vector<Exhibit> shown = plugin.exhibits(Vector::Constant(3, 7.0));
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[1].name, "heat");
  EXPECT_EQ(shown[1].kind, ExhibitKind::field);
  EXPECT_EQ(shown[1].unit, "K");
  EXPECT_EQ(shown[1].truth, shown[0].name);
  EXPECT_EQ(shown[1].values, Vector::Constant(3, 7.0));
  EXPECT_EQ(shown[0].values, (Vector(3) << 4.0, 5.0, 6.0).finished());
  EXPECT_THROW(plugin.exhibits(Vector::Constant(3, -1.0)), EvaluationError);
  EXPECT_TRUE(Plugin(plugin_called("older"), {}).exhibits(Vector::Zero(3)).empty());
}

TEST(Plugin, SaysWhatItKnowsOfTheHessian) {
  const Plugin plugin(plugin_called("whole"), {});
  const std::vector<HessianEntry> known = plugin.known_hessian(Vector::Constant(3, 7.0));
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[1].row, 2);
  EXPECT_EQ(known[1].column, 1);
  EXPECT_EQ(known[1].value, 7.0);
  EXPECT_THROW(plugin.known_hessian(Vector::Constant(3, -1.0)), EvaluationError);
  EXPECT_TRUE(Plugin(plugin_called("older"), {}).known_hessian(Vector::Zero(3)).empty());
}

TEST(Plugin, OptionsThatCTextCannotHoldAreRefused) {
  EXPECT_THROW(Plugin(plugin_called("whole"), {.options = {{"a", std::string("x\0y", 3), true}}}),
               UsageError);
}

TEST(Plugin, SaysWhetherItsLibraryMayUseMpi) { EXPECT_FALSE(Plugin(plugin_called("whole"), {}).uses_mpi()); }

TEST(InsidePlugin, LeavesArithmeticAsItWas) {
  const std::string library = "library.so";
  {
    const InsidePlugin inside(library, "assess");
    std::fesetround(FE_UPWARD);
  }
  const int rounding = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(rounding, FE_TONEAREST);
}

TEST(InsidePlugin, CountsItsSecondsAndTellsOfAnExit) {
  EXPECT_EQ(seconds_inside_plugin(), 0.0);
  const std::string library = "libmine.so";
  {
    const InsidePlugin inside(library, "value_and_gradient");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_GT(seconds_inside_plugin(), 1e-3);
  }
  EXPECT_EQ(seconds_inside_plugin(), 0.0);
  const auto exits = [&] {
    const LastWordsOfPlugins words(
        [](const std::string& text) { std::fprintf(stderr, "told: %s\n", text.c_str()); });
    const InsidePlugin inside(library, "assess");
    std::exit(0);
  };
  EXPECT_EXIT(exits(), testing::ExitedWithCode(3), "told: libmine.so: called exit.. within assess");
  // Neither does a process that the plug-in forked end the run, nor one that is within none.
  const auto forks = [&] {
    const InsidePlugin inside(library, "assess");
    if (::fork() == 0) std::exit(5);
    ::wait(nullptr);
    end_if_within_plugin("_exit()");
  };
  EXPECT_EXIT(forks(), testing::ExitedWithCode(3), "called _exit.. within assess");
  end_if_within_plugin("_exit()");
  const auto child_alone = [&] {
    {
      const InsidePlugin inside(library, "assess");
      if (::fork() == 0) std::exit(5);
    }
    int status = 0;
    ::wait(&status);
    std::exit(WEXITSTATUS(status));
  };
  EXPECT_EXIT(child_alone(), testing::ExitedWithCode(5), "");
}

TEST(Plugin, FailuresKeepTheirTextAndInfeasibleIsNoFailure) {
  const Plugin plugin(plugin_called("whole"), {});
  Vector gradient(3);
  EXPECT_THROW(plugin.value_and_gradient(Vector::Constant(3, 2000.0), {}, 0, gradient), InfeasiblePoint);
  SerialEvaluator evaluator(plugin);
  evaluator.begin({2});
  evaluator.submit(point_at({}, Vector::Constant(3, 2000.0)));
  evaluator.submit(point_at({}, Vector::Constant(3, -2000.0)));
  const auto evaluations = evaluator.close().evaluations;
  EXPECT_THAT(evaluations[0].failure, HasSubstr("infeasible: too far out"));
  EXPECT_THAT(evaluations[1].failure, HasSubstr("the solver gave up"));
}

TEST(Plugin, WhatIsNoPluginIsRefusedWithTheReason) {
  expect_refused("/nowhere/libmine.so", ExitCode::io, "No such file");
  expect_refused(OPTEX_TEST_PLUGINS, ExitCode::io, "is not a file");
  expect_refused(plugin_called("no_symbol"), ExitCode::usage, "no function optex_get_plugin");
  expect_refused(plugin_called("wrong_version"), ExitCode::usage, "version 77 of plug-ins");
  expect_refused(plugin_called("too_small"), ExitCode::usage, "has 16 bytes");
  expect_refused(plugin_called("no_gradient"), ExitCode::usage, "no value_and_gradient");
  expect_refused(plugin_called("refuses"), ExitCode::usage, "the mesh 'moon.msh' has no elements");
  expect_refused(plugin_called("zero_dimension"), ExitCode::usage, "dimension is 0");
  expect_refused(plugin_called("many_shards"), ExitCode::usage, "its shard count is 1152921504606846976");
  expect_refused(plugin_called("null"), ExitCode::usage, "returned no plug-in");
}

TEST(Plugin, TextIsNoLibrary) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "libtext.so";
  std::ofstream(file) << "not a library\n";
  expect_refused(file, ExitCode::io, "cannot be loaded");
}

TEST(Plugin, WhatEverybodyMayWriteIsNotLoaded) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "libopen.so";
  std::filesystem::copy_file(plugin_called("whole"), file);
  EXPECT_EQ(refusal(file).first, ExitCode::success);
  std::filesystem::permissions(file, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  expect_refused(file, ExitCode::usage, "everybody may write to it");
  std::filesystem::permissions(file, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::remove);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  expect_refused(file, ExitCode::usage, "everybody may write to its folder");
}

TEST(Plugin, ALinkDoesNotHideWhoMayWrite) {
  const test::TemporaryFolder open_folder, own_folder;
  const auto file = open_folder.path() / "libopen.so";
  const auto link = own_folder.path() / "liblink.so";
  std::filesystem::copy_file(plugin_called("whole"), file);
  std::filesystem::create_symlink(file, link);
  EXPECT_EQ(refusal(link).first, ExitCode::success);
  std::filesystem::permissions(open_folder.path(), std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  const auto [code, message] = refusal(link);
  EXPECT_EQ(code, ExitCode::usage);
  EXPECT_THAT(message, AllOf(StartsWith(file.string()), HasSubstr("everybody may write to its folder")));
}

}  // namespace
}  // namespace optex
