#include "optex/setup/config.hpp"

#include "optex/setup/catalogue.hpp"

#include <filesystem>
#include <random>
#include <stdexcept>

#include "configurations.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_seed.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::mistakes_in;
using test::sphere_with;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// One configuration for every name of every table, each alone against the defaults.
std::vector<Config> one_of_each() {
  std::vector<Config> all;
  const auto add = [&](const std::string& key, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      std::vector<Override> overrides{{key, name}};
      if (name == "plugin") overrides.push_back({"problem.library", "./mine.so"});
      if (name == "logistic" || name == "char_lm") overrides.push_back({"data.source", "./mine.data"});
      if (name == "external") overrides.push_back({"problem.dimension", "7"});
      if (name == "command") overrides.push_back({"problem.command", "python3 mine.py"});
      all.push_back(sphere_with(overrides));
    }
  };
  add("problem.name", names_of(problems()));
  add("optimizer.name", names_of(optimizers()));
  add("estimator.kernel", names_of(kernels()));
  add("method.name", names_of(methods()));
  add("method.update", names_of(updates()));
  add("problem.initial", {"default", "zeros", "random", "./start.h5:/theta"});
  add("estimator.lengthscale", {"ml", "paper", "median", "0.3"});
  add("estimator.nugget", {"ml", "0", "1e-7"});
  add("checkpoint.every", {"7 iterations", "20 min", "0.1 s"});
  all.push_back(sphere_with({{"method.preset", "paper"}}));
  all.push_back(sphere_with({{"problem.noise.kind", "student_t"}, {"problem.noise.sigma", "0.1"}}));
  all.push_back(sphere_with({{"optimizer.schedule", "cosine"}, {"optimizer.schedule_steps", "100"}}));
  all.push_back(sphere_with({{"stop.value", "1e-300"}, {"stop.patience", "5"}, {"stop.seconds", "0.1"}}));
  return all;
}

TEST(Config, ResolvedTextIsItsOwnResolution) {
  for (const Config& config : one_of_each()) {
    const std::string text = config.to_toml();
    const Config again = parse_config(text, "another/name.toml");
    EXPECT_EQ(again.to_toml(), text);
    EXPECT_EQ(again.numbers_hash(), config.numbers_hash());
    EXPECT_THAT(differing_keys(config, again), IsEmpty());
    EXPECT_THAT(again.notes(), IsEmpty());
  }
}

// A path means what the kernel makes of it: ".." behind a symbolic link is not the folder before it.
TEST(Config, PathsLeadWhereTheKernelGoes) {
  const test::TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  namespace fs = std::filesystem;
  fs::create_directories(folder / "a/b/a/b");
  fs::create_directories(folder / "far/a/b");
  for (const char* place : {"a", "a/b", "a/b/a", "far", "far/a", "."}) {
    fs::create_directory_symlink(folder / "far/a", folder / place / "link");
    test::write_bytes(folder / place / "file", place);
  }
  fs::current_path(folder.path());
  const test::TestSeed seed(1);
  std::mt19937_64 draw(seed());
  const std::vector<std::string> parts{"a", "b", "link", "..", ".", ""};
  int there = 0;
  for (int i = 0; i < 400; ++i) {
    std::string path = ".";
    for (auto count = draw() % 7; count > 0; --count) path += "/" + parts[draw() % parts.size()];
    path += "/file";
    const auto kernel = [](const fs::path& name) {
      return fs::exists(name) ? fs::canonical(name) : fs::path();
    };
    there += kernel(path).empty() ? 0 : 1;
    const auto leads = [&](const std::string& key, std::vector<Override> others,
                           const std::string& tail = "") {
      others.push_back({key, path + tail});
      const std::string resolved = sphere_with(others).text(key);
      EXPECT_TRUE(fs::path(resolved).is_absolute()) << resolved;
      EXPECT_EQ(kernel(resolved.substr(0, resolved.size() - tail.size())), kernel(path))
          << key << " " << path;
    };
    leads("data.source", {{"problem.name", "logistic"}});
    leads("data.test", {{"problem.name", "logistic"}, {"data.source", "./x"}});
    leads("problem.library", {{"problem.name", "plugin"}});
    leads("problem.directory", {{"problem.name", "command"}, {"problem.command", "x"}});
    for (const char* key : {"problem.initial", "problem.lower", "problem.upper", "problem.scale"})
      leads(key, {}, ":/x");
  }
  fs::current_path(before);
  EXPECT_GT(there, 50);
}

TEST(Config, TextThatWouldCrashAReaderIsRefused) {
  const auto says = [](const std::string& text) { return mistakes_in(text); };
  std::string deep = "a";
  for (int i = 0; i < 200'000; ++i) deep += ".a";
  const std::string lists = std::string(100'000, '['), tables = "a = " + lists;
  for (const std::string& text : {deep + " = 1\n", "[" + deep + "]\n", tables, "\"a\"." + deep + " = 1\n"})
    EXPECT_THAT(says(text), ElementsAre(AllOf(HasSubstr("file.toml:1:"), HasSubstr("more than 50"))))
        << text.substr(0, 9);
  std::string inline_tables = "a = ";
  for (int i = 0; i < 1000; ++i) inline_tables += "{ a = ";
  EXPECT_THAT(says(inline_tables), ElementsAre(HasSubstr("more than 50")));
  std::string many, more;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::string line = fmt::format("k{} = 1\n", i);
    more += line;
    if (i < 100'000) many += line;
  }
  const auto told = says(many);
  EXPECT_THAT(told, SizeIs(101));
  EXPECT_EQ(told.back(), "and 99901 mistakes more");  // problem.name is missing, too
  EXPECT_THAT(says(more),
              ElementsAre(AllOf(HasSubstr("file.toml:300001:"), HasSubstr("more than 300000 keys"))));
  // Dots that open no table, and what is merely long.
  EXPECT_THAT(says("[problem]\nname = \"sphere\"  # " + std::string(1000, '.') + "\n[run]\nname = \"" +
                   std::string(100, '.') + "x\"\n"),
              IsEmpty());
}

TEST(Config, Utf16IsNamed) {
  using namespace std::string_literals;
  for (const std::string& text : {"\xFF\xFE[\0r\0u\0"s, "\xFE\xFF\0[\0r"s, "[\0r\0"s})
    EXPECT_THAT(mistakes_in(text),
                ElementsAre(AllOf(HasSubstr("file.toml:1: "), HasSubstr("UTF-16"), HasSubstr("iconv"))));
  EXPECT_THAT(mistakes_in("\xFF\xFE\0\0[\0\0\0"s), ElementsAre(HasSubstr("iconv -f UTF-32")));
}

TEST(Config, ResolvedTextHoldsEveryDefault) {
  const Config config = sphere_with();
  for (const Key& key : schema().keys()) {
    const bool optional = key.defaults.empty() && !key.required && key.full_name() != "run.name";
    EXPECT_TRUE(config.has(key.full_name()) || optional || !key.applies.empty()) << key.full_name();
  }
  EXPECT_EQ(config.text("optimizer.name"), "adam");
  EXPECT_EQ(config.real("optimizer.learning_rate"), 1e-3);
  EXPECT_EQ(config.integer("method.parallelism"), 4);
  EXPECT_TRUE(config.boolean("parallel.coordinator_evaluates"));
  EXPECT_EQ(config.interval("checkpoint.every"), (Interval{.iterations = 10}));
}

TEST(Config, CommandLineBeatsFileBeatsDefault) {
  const std::string text = "problem.name = \"sphere\"\noptimizer.learning_rate = 0.5\nrun.seed = 3\n";
  const Config config = parse_config(text, "file.toml", {{"optimizer.learning_rate", "0.25"}});
  EXPECT_EQ(config.real("optimizer.learning_rate"), 0.25);
  EXPECT_EQ(config.integer("run.seed"), 3);
  EXPECT_EQ(config.integer("method.parallelism"), 4);
  EXPECT_EQ(config.origin("optimizer.learning_rate").words("optimizer.learning_rate"),
            "--optimizer.learning_rate");
  EXPECT_EQ(config.origin("run.seed").words("run.seed"), "file.toml:3:5");
  EXPECT_EQ(config.origin("method.parallelism").words("method.parallelism"), "default");
}

TEST(Config, ValuesOfTheCommandLineAreThoseOfTheFile) {
  const Config from_file = parse_config(
      "[problem]\nname = \"sphere\"\ndimension = 1_000\n[estimator]\nlengthscale = 2\nnugget = 1e-3\n"
      "[parallel]\ncoordinator_evaluates = false\n[checkpoint]\nevery = \"15 min\"\n",
      "sphere.toml");
  const Config from_words = sphere_with({{"problem.dimension", "1_000"},
                                         {"estimator.lengthscale", "2"},
                                         {"estimator.nugget", "1e-3"},
                                         {"parallel.coordinator_evaluates", "false"},
                                         {"checkpoint.every", "15 min"}});
  EXPECT_EQ(from_file.to_toml(), from_words.to_toml());
}

TEST(Config, DefaultsFollowOtherKeys) {
  EXPECT_EQ(sphere_with({{"optimizer.name", "rmsprop"}}).real("optimizer.learning_rate"), 1e-2);
  EXPECT_EQ(sphere_with({{"optimizer.name", "adamw"}}).real("optimizer.weight_decay"), 1e-2);
  EXPECT_EQ(sphere_with({{"optimizer.name", "momentum"}}).real("optimizer.momentum"), 0.9);
  EXPECT_EQ(sphere_with({{"optimizer.name", "rmsprop"}}).real("optimizer.momentum"), 0.0);
  EXPECT_EQ(sphere_with({{"estimator.lengthscale", "paper"}}).number_if_any("estimator.nugget"), 1e-3);
  EXPECT_FALSE(sphere_with().number_if_any("estimator.nugget"));
}

TEST(Config, ThePresetChangesDefaultsAndNothingElse) {
  const Config paper = sphere_with({{"method.preset", "paper"}});
  EXPECT_EQ(paper.text("method.update"), "last");
  EXPECT_EQ(paper.text("estimator.kernel"), "matern52");
  EXPECT_EQ(paper.text("estimator.lengthscale"), "paper");
  EXPECT_EQ(paper.number_if_any("estimator.nugget"), 1e-3);
  EXPECT_EQ(paper.text("estimator.prior_mean"), "zero");
  EXPECT_FALSE(paper.has("method.reach"));
  const Config changed = sphere_with({{"method.preset", "paper"}, {"method.update", "min_value"}});
  EXPECT_EQ(changed.text("method.update"), "min_value");
  EXPECT_EQ(changed.text("estimator.prior_mean"), "zero");
}

TEST(Config, AThousandRoundsOnlyWithoutAnyStopRule) {
  EXPECT_EQ(sphere_with().integer_if_set("stop.iterations"), 1000);
  EXPECT_FALSE(sphere_with({{"stop.value", "0.1"}}).has("stop.iterations"));
  EXPECT_EQ(sphere_with({{"stop.iterations", "7"}}).integer_if_set("stop.iterations"), 7);
  // A tolerance may never be reached.
  for (const char* tolerance : {"stop.gradient_tolerance", "stop.precision"})
    EXPECT_EQ(sphere_with({{tolerance, "1e-6"}}).integer_if_set("stop.iterations"), 1000) << tolerance;
  const Config falling = sphere_with({{"stop.value_tolerance", "1e-6"}});
  EXPECT_EQ(falling.integer_if_set("stop.patience"), 10);
  EXPECT_FALSE(falling.has("stop.iterations"));
}

TEST(Config, TheRunIsNamedAfterItsFile) {
  EXPECT_EQ(parse_config("problem.name = \"sphere\"", "a/b/fine.run.toml").text("run.name"), "fine.run");
  EXPECT_EQ(parse_config("problem.name = \"sphere\"", "a/b/plain").text("run.name"), "plain");
  EXPECT_EQ(parse_config("problem.name = \"sphere\"\nrun.name = \"x\"", "y.toml").text("run.name"), "x");
}

TEST(Config, AChoiceOnTheCommandLinePutsTheFilesOwnKeysAside) {
  const std::string text =
      "problem.name = \"sphere\"\n[optimizer]\nname = \"adam\"\nbeta1 = 0.5\n[method]\nhistory = 30\n";
  const Config config =
      parse_config(text, "file.toml", {{"optimizer.name", "sgd"}, {"method.name", "vanilla"}});
  EXPECT_FALSE(config.has("optimizer.beta1"));
  EXPECT_FALSE(config.has("method.history"));
  ASSERT_THAT(config.notes(), SizeIs(2));
  EXPECT_THAT(config.notes()[0], HasSubstr("file.toml:4:1: put aside: optimizer.beta1 does nothing"));
  EXPECT_EQ(parse_config(config.to_toml(), "file.toml").to_toml(), config.to_toml());
}

TEST(Config, KeysOfAnOptimiserThatTheRuleDoesNotHaveAreTold) {
  const std::string text =
      "problem.name = \"sphere\"\n[method]\nupdate = \"surrogate\"\n[optimizer]\nlearning_rate = 0.3\n"
      "[estimator]\nkernel = \"rbf\"\nnugget = \"ml\"\n";
  const Config config = parse_config(text, "file.toml");
  ASSERT_THAT(config.notes(), SizeIs(2));
  EXPECT_THAT(
      config.notes()[0],
      HasSubstr("file.toml:5:1: optimizer.learning_rate does nothing with method.update = \"surrogate\""));
  EXPECT_THAT(config.notes()[1], HasSubstr("file.toml:7:1: estimator.kernel does nothing"));
  EXPECT_THAT(parse_config(text, "file.toml", {{"method.update", "auto"}}).notes(), IsEmpty());
  EXPECT_THAT(
      parse_config(
          parse_config("problem.name = \"sphere\"\nmethod.update = \"surrogate\"", "x.toml").to_toml(),
          "resolved.toml")
          .notes(),
      IsEmpty());
}

TEST(Config, PathsOfDataMeanTheSameAnywhere) {
  const Config start = sphere_with({{"problem.initial", "data/../start.h5:/a/theta"}});
  EXPECT_EQ(start.text("problem.initial"),
            (std::filesystem::current_path() / "data/../start.h5:/a/theta").string());
  const Config data = sphere_with({{"problem.name", "softmax"}, {"data.source", "./images"}});
  EXPECT_EQ(data.text("data.source"), (std::filesystem::current_path() / "images").string());
  EXPECT_EQ(sphere_with({{"problem.name", "softmax"}}).text("data.source"), "fashion-mnist");
}

TEST(Config, OnlyKeysOfTheTrajectoryChangeItsHash) {
  const std::uint64_t hash = sphere_with().numbers_hash();
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"run.name", "other"},
                                                        {"run.output", "elsewhere"},
                                                        {"parallel.coordinator_evaluates", "false"},
                                                        {"stop.iterations", "5"},
                                                        {"stop.value", "1"},
                                                        {"checkpoint.every", "1 min"},
                                                        {"checkpoint.keep", "9"},
                                                        {"failure.stall_seconds", "5"},
                                                        {"log.every", "5"},
                                                        {"log.level", "debug"},
                                                        {"log.format", "json"}}) {
    EXPECT_EQ(sphere_with({{key, value}}).numbers_hash(), hash) << key;
    EXPECT_THAT(differing_keys(sphere_with(), sphere_with({{key, value}})), IsEmpty()) << key;
  }
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"run.seed", "1"},
                                                        {"problem.dimension", "7"},
                                                        {"problem.initial", "zeros"},
                                                        {"optimizer.learning_rate", "0.2"},
                                                        {"optimizer.warmup_steps", "3"},
                                                        {"method.parallelism", "5"},
                                                        {"method.history", "50"},
                                                        {"estimator.nugget", "0.1"},
                                                        {"estimator.kernel", "rbf"}}) {
    EXPECT_NE(sphere_with({{key, value}}).numbers_hash(), hash) << key;
    const auto differences = differing_keys(sphere_with(), sphere_with({{key, value}}));
    ASSERT_THAT(differences, SizeIs(1)) << key;
    EXPECT_EQ(differences.front().key, key);
  }
}

TEST(Config, DifferencesNameBothSides) {
  const auto differences = differing_keys(sphere_with(), sphere_with({{"method.name", "vanilla"}}));
  const auto update = std::find_if(differences.begin(), differences.end(),
                                   [](const KeyDifference& d) { return d.key == "method.update"; });
  ASSERT_NE(update, differences.end());
  EXPECT_EQ(update->first, "\"auto\"");
  EXPECT_EQ(update->second, "not set");
}

TEST(Config, AskingForWhatIsNotSetIsADefect) {
  const Config config = sphere_with();
  EXPECT_THROW(config.real("stop.value"), std::logic_error);
  EXPECT_THROW(config.real("no.such_key"), std::logic_error);
  EXPECT_THROW(config.integer("optimizer.learning_rate"), std::logic_error);
  EXPECT_THROW(config.origin("stop.value"), std::logic_error);
  EXPECT_THROW(config.number_if_any("stop.value"), std::logic_error);
  EXPECT_FALSE(config.real_if_set("stop.value"));
}

TEST(Config, TomlIsReadInAllItsForms) {
  const std::string plain =
      parse_config("[problem]\nname = \"sphere\"\n[problem.noise]\nkind = \"laplace\"\nsigma = 1\n",
                   "file.toml")
          .to_toml();
  for (const char* text : {
           "problem.name = \"sphere\"\nproblem.noise.kind = \"laplace\"\nproblem.noise.sigma = 1.0\n",
           "problem = { name = \"sphere\", noise = { kind = 'laplace', sigma = 1 } }\n",
           "[problem]\r\nname = \"sphere\"\r\nnoise = { kind = \"laplace\", sigma = 1e0 } # a comment\r\n",
           "\xEF\xBB\xBF[problem]\nname = \"sphere\"\nnoise.kind = \"laplace\"\nnoise.sigma = +1\n",
           "[problem.noise]\nkind = \"laplace\"\nsigma = 1\n\n[problem]\n\"name\" = \"\"\"sphere\"\"\"",
       }) {
    EXPECT_EQ(parse_config(text, "file.toml").to_toml(), plain) << text;
  }
}

TEST(Config, FilesAreRead) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "käse 漢.toml", "[problem]\nname = \"sphere\"\n[run]\noutput = \"größe\"\n");
  const Config config = read_config(folder / "käse 漢.toml");
  EXPECT_EQ(config.text("run.name"), "käse 漢");
  EXPECT_EQ(config.text("run.output"), "größe");
}

}  // namespace
}  // namespace optex
