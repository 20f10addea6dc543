#include "optex/setup/sweep.hpp"

#include "optex/core/errors.hpp"

#include <set>
#include <string>
#include <vector>

#include "configurations.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string base = "[problem]\nname = \"sphere\"\n";

Sweep sweep_of(const std::string& table, const std::vector<Override>& overrides = {}) {
  return parse_sweep(base + "[sweep]\n" + table, "grid.toml", overrides);
}

std::vector<std::string> names_of(const Sweep& sweep) {
  std::vector<std::string> names;
  for (const SweepRun& run : sweep.runs) names.push_back(run.name());
  return names;
}

std::string refusal_of(const std::string& text, const std::vector<Override>& overrides = {}) {
  try {
    parse_sweep(text, "grid.toml", overrides);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}
std::string refusal_in(const std::string& table) { return refusal_of(base + "[sweep]\n" + table); }

TEST(Sweep, TheFirstKeyIsTheSlowest) {
  const Sweep sweep = sweep_of("\"optimizer.learning_rate\" = [0.1, 1e-2]\n\"run.seed\" = [3, 1]\n");
  EXPECT_EQ(sweep.folder, "runs/grid");
  EXPECT_THAT(names_of(sweep), ElementsAre("learning_rate=0.1,seed=3", "learning_rate=0.1,seed=1",
                                           "learning_rate=0.01,seed=3", "learning_rate=0.01,seed=1"));
  for (std::size_t i = 0; i < sweep.runs.size(); ++i) {
    EXPECT_EQ(sweep.runs[i].index, static_cast<std::int64_t>(i));
    EXPECT_EQ(sweep.runs[i].config.text("run.output"), "runs/grid");
  }
  EXPECT_EQ(sweep.runs[2].config.real("optimizer.learning_rate"), 0.01);
  EXPECT_EQ(sweep.runs[2].config.integer("run.seed"), 3);
}

TEST(Sweep, BothSpellingsOfKeysMeanTheSame) {
  EXPECT_EQ(names_of(sweep_of("optimizer.learning_rate = [0.1, 0.2]\n")),
            names_of(sweep_of("\"optimizer.learning_rate\" = [0.1, 0.2]\n")));
}

TEST(Sweep, OptionsOfOnesOwnObjectiveAreSweptOneByOne) {
  const std::string own =
      "[problem]\nname = \"command\"\ncommand = [\"./mine\"]\n[problem.options]\nfixed = 7\nmesh = "
      "\"none\"\n";
  const std::string quoted =
      "[sweep]\n\"problem.options.stiffness\" = [1.5, 2]\n\"problem.options.mesh\" = [\"coarse\", "
      "\"fine\"]\n";
  const std::string nested = "[sweep.problem.options]\nstiffness = [1.5, 2]\nmesh = [\"coarse\", \"fine\"]\n";
  for (const std::string& table : {quoted, nested}) {
    const Sweep sweep = parse_sweep(own + table, "grid.toml");
    EXPECT_THAT(names_of(sweep), ElementsAre("stiffness=1.5,mesh=coarse", "stiffness=1.5,mesh=fine",
                                             "stiffness=2,mesh=coarse", "stiffness=2,mesh=fine"));
    EXPECT_EQ(sweep.axes[1].key, "problem.options.mesh");
    const OptionTable& options = sweep.runs[3].config.options("problem.options");
    EXPECT_EQ(options.at("fixed"), Option(std::int64_t{7}));  // what the file has besides stays
    EXPECT_EQ(options.at("stiffness"), Option(std::int64_t{2}));
    EXPECT_EQ(options.at("mesh"), Option(std::string("fine")));
    EXPECT_EQ(options.size(), 3u);
    EXPECT_EQ(sweep.runs[0].config.options("problem.options").at("stiffness"), Option(1.5));
  }
  // The command line beats the list of this option and leaves the other alone.
  const Sweep fixed = parse_sweep(own + quoted, "grid.toml", {{"problem.options.mesh", "own"}});
  EXPECT_THAT(names_of(fixed), ElementsAre("stiffness=1.5", "stiffness=2"));
  EXPECT_EQ(fixed.runs[1].config.options("problem.options").at("mesh"), Option(std::string("own")));
  EXPECT_THAT(fixed.notes, ElementsAre(HasSubstr("problem.options.mesh is given on the command line")));

  EXPECT_THAT(
      refusal_of(own + "[sweep]\n\"problem.options.a\" = [[1], 2]\n"),
      HasSubstr("grid.toml:8:24: problem.options.a: must be strings, numbers or booleans, found an array"));
  EXPECT_THAT(refusal_of(own + "[sweep]\n\"problem.options.a b\" = [1]\n"),
              HasSubstr("is no name for an option"));
  EXPECT_THAT(refusal_of(own + "[sweep]\n\"problem.options.a\" = [1, 1]\n"),
              HasSubstr("a: 1 is in the list twice"));
  EXPECT_THAT(refusal_of(own + "[sweep]\n\"problem.options.a\" = 1\n"), HasSubstr("must be a list"));
  EXPECT_THAT(refusal_of(own + "[sweep]\n\"problem.options\" = [1]\n"),
              HasSubstr("problem.options: must be"));
  EXPECT_THAT(refusal_of(base + "[sweep]\n\"problem.options.a\" = [1, 2]\n"),
              HasSubstr("problem.options.a does nothing in any run"));
}

TEST(Sweep, SeedsCountFromTheConfiguredOne) {
  const Sweep sweep = parse_sweep("run.seed = 7\n" + base + "[sweep]\nseeds = 3\n", "grid.toml");
  EXPECT_THAT(names_of(sweep), ElementsAre("seed=7", "seed=8", "seed=9"));
}

TEST(Sweep, KeysThatDoNothingInARunArePutAsideAndEqualRunsAreOne) {
  const Sweep sweep = sweep_of("\"method.name\" = [\"optex\", \"vanilla\"]\n\"method.history\" = [10, 20]\n");
  EXPECT_THAT(names_of(sweep),
              ElementsAre("method=optex,history=10", "method=optex,history=20", "method=vanilla"));
  EXPECT_THAT(sweep.runs[2].values, ElementsAre("vanilla", ""));
  EXPECT_FALSE(sweep.runs[2].config.has("method.history"));
}

TEST(Sweep, KeysOfTheFileNeedToApplyInOneRunOnly) {
  const std::string table = "[sweep]\n\"method.name\" = [\"vanilla\", \"whitened\"]\n";
  const Sweep sweep = parse_sweep(base + "[method]\nring = 8\n" + table, "grid.toml");
  EXPECT_EQ(sweep.runs[1].config.integer("method.ring"), 8);
  EXPECT_THAT(refusal_of(base + "[estimator]\nkernel = \"rbf\"\n" + table),
              HasSubstr("grid.toml:4:1: estimator.kernel does nothing in any run of the sweep"));
}

TEST(Sweep, TheCommandLineBeatsTheListAndTheListBeatsTheFile) {
  const std::string text = base +
                           "[optimizer]\nlearning_rate = 5\n[sweep]\n\"optimizer.learning_rate\" = [1, 2]\n"
                           "seeds = 2\n";
  EXPECT_EQ(parse_sweep(text, "grid.toml").runs[2].config.real("optimizer.learning_rate"), 2.0);
  const Sweep fixed = parse_sweep(text, "grid.toml", {{"optimizer.learning_rate", "3"}});
  EXPECT_THAT(names_of(fixed), ElementsAre("seed=0", "seed=1"));
  EXPECT_EQ(fixed.runs[1].config.real("optimizer.learning_rate"), 3.0);
  EXPECT_THAT(fixed.notes, ElementsAre(HasSubstr("optimizer.learning_rate is given on the command line")));
}

TEST(Sweep, NamesStayTheSameWhenTheGridGrows) {
  const auto few = names_of(sweep_of("\"optimizer.learning_rate\" = [0.1, 0.2]\nseeds = 1\n"));
  const auto more = names_of(sweep_of("\"optimizer.learning_rate\" = [0.05, 0.1, 0.2]\nseeds = 2\n"));
  for (const std::string& name : few) EXPECT_THAT(more, testing::Contains(name));
}

TEST(Sweep, NamesArePlainAndDifferent) {
  const std::string text =
      "[problem]\nname = \"sphere\"\n[sweep]\n\"problem.initial\" = [\"a b.h5:/x\", "
      "\"a_b.h5:/x\", \"zeros\"]\n";
  const std::vector<std::string> names = names_of(parse_sweep(text, "grid.toml"));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 3U);
  for (const std::string& name : names) EXPECT_EQ(name.find_first_of("/ :"), std::string::npos) << name;
}

TEST(Sweep, AmbiguousLabelsAreWrittenInFull) {
  const Sweep sweep = sweep_of(
      "\"stop.value\" = [1]\n\"stop.seconds\" = [5]\n\"checkpoint.every\" = [\"5 iterations\"]\n"
      "\"log.every\" = [2]\n");
  EXPECT_EQ(sweep.axes[0].label, "value");
  EXPECT_EQ(sweep.axes[2].label, "checkpoint.every");
  EXPECT_EQ(sweep.axes[3].label, "log.every");
}

TEST(Sweep, MistakesAreToldAllAtOnceWithTheirPlaces) {
  const std::string told = refusal_in(
      "\"optimizer.learning_rate\" = [0.1, -1, \"x\", 0.1]\n\"optimizer.nme\" = [1]\n\"run.name\" = [\"a\"]\n"
      "seeds = 0\n\"method.parallelism\" = 4\n");
  EXPECT_THAT(told, HasSubstr("grid.toml:4:35: optimizer.learning_rate: must be > 0, found -1"));
  EXPECT_THAT(told, HasSubstr("grid.toml:4:39: optimizer.learning_rate: must be a number"));
  EXPECT_THAT(told, HasSubstr("grid.toml:4:44: optimizer.learning_rate: 0.1 is in the list twice"));
  EXPECT_THAT(told, HasSubstr("did you mean 'name'"));
  EXPECT_THAT(told, HasSubstr("run.name: cannot be swept"));
  EXPECT_THAT(told, HasSubstr("seeds: must be an integer in [1, 10000]"));
  EXPECT_THAT(told, HasSubstr("method.parallelism: must be a list of values"));
}

TEST(Sweep, MistakesBetweenKeysAreFoundBeforeAnyRun) {
  const std::string told =
      refusal_in("\"estimator.lengthscale\" = [\"ml\", \"paper\"]\n\"estimator.nugget\" = [\"ml\", 1e-3]\n");
  EXPECT_THAT(told, HasSubstr("estimator.nugget: \"ml\" chooses nothing"));
}

TEST(Sweep, WhatIsNoSweepIsRefused) {
  EXPECT_THAT(refusal_of(base), HasSubstr("there is no table [sweep] in it"));
  EXPECT_THAT(refusal_of("sweep = 3\n" + base), HasSubstr("sweep must be a table"));
  EXPECT_THAT(refusal_in(""), HasSubstr("[sweep] names no key"));
  EXPECT_THAT(refusal_in("seeds = 2\n\"run.seed\" = [1]\n"), HasSubstr("run.seed: is swept twice"));
  EXPECT_THAT(refusal_in("\"method.ring\" = [4, 8]\n"), HasSubstr("method.ring does nothing in any run"));
  EXPECT_THAT(refusal_in("seeds = 10000\n\"optimizer.learning_rate\" = [1, 2]\n"),
              HasSubstr("more than 10000 runs"));
  std::string many = "1";
  for (int i = 2; i <= 10001; ++i) many += "," + std::to_string(i);
  EXPECT_THAT(refusal_in("\"stop.iterations\" = [" + many + "]\n"),
              HasSubstr("stop.iterations: 10001 values, but a sweep has at most 10000 runs"));
}

TEST(Sweep, OtherCommandsSayWhoMakesSuchRuns) {
  EXPECT_THAT(
      test::mistakes_in(base + "[sweep]\nseeds = 2\n"),
      ElementsAre("file.toml:3:2: [sweep] describes several runs: 'optex sweep file.toml' makes them"));
}

}  // namespace
}  // namespace optex
