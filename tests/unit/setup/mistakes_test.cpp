#include "optex/core/errors.hpp"
#include "optex/setup/config.hpp"

#include <filesystem>
#include <string>

#include "configurations.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optex {
namespace {

using test::mistakes_in;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const std::string sphere = "problem.name = \"sphere\"\n";

/// Line 2 of a file that is right otherwise.
std::string only_mistake(const std::string& line) {
  const auto lines = mistakes_in(sphere + line + "\n");
  EXPECT_THAT(lines, SizeIs(1)) << line;
  return lines.empty() ? "" : lines.front();
}

TEST(Mistakes, KeysOfFailuresThatWouldDoNothing) {
  EXPECT_THAT(only_mistake("failure.drops = 3"), HasSubstr("failure.drops"));
  EXPECT_THAT(only_mistake("failure = { evaluation = \"drop\", drops = 0 }"), HasSubstr("must be"));
  EXPECT_THAT(only_mistake("failure.retries = 3"), HasSubstr("failure.retries"));
  EXPECT_THAT(only_mistake("failure = { evaluation = \"retry\", retries = 0 }"),
              HasSubstr("must be at least 1"));
  const Config drops = parse_config(sphere + "failure.evaluation = \"drop\"\n", "file.toml");
  EXPECT_EQ(drops.integer("failure.drops"), 10);
  EXPECT_EQ(drops.integer("failure.retries"), 0);
  const Config retries = parse_config(sphere + "failure.evaluation = \"retry\"\n", "file.toml");
  EXPECT_EQ(retries.integer("failure.retries"), 2);
  EXPECT_EQ(drops.numbers_hash(), retries.numbers_hash());  // a run may be resumed with the other
}

TEST(Mistakes, AllAreToldAtOnceInTheOrderOfTheFile) {
  const std::string text =
      "[optimizer]\n"
      "learning_rte = 0.1\n"
      "name = \"adma\"\n"
      "weight_decay = -1\n"
      "[method]\n"
      "parallelism = 0\n"
      "history = \"many\"\n"
      "[problm]\n"
      "name = \"sphere\"\n";
  EXPECT_THAT(
      mistakes_in(text, {{"run.sed", "1"}, {"stop.iterations", "0"}}),
      ElementsAre("file.toml:2:1: unknown key 'optimizer.learning_rte'; did you mean 'learning_rate'?",
                  "file.toml:3:8: optimizer.name: unknown value 'adma'; did you mean 'adam'?",
                  "file.toml:4:16: optimizer.weight_decay: must be >= 0, found -1",
                  "file.toml:6:15: method.parallelism: must be in [1, 65536], found 0",
                  "file.toml:7:11: method.history: must be an integer in [0, 1e5], found a string",
                  "file.toml:8:2: unknown section 'problm'; did you mean 'problem'?",
                  StartsWith("file.toml: missing problem.name; it takes 'sphere', 'ackley'"),
                  "--run.sed: unknown key 'run.sed'; did you mean 'seed'?",
                  "--stop.iterations: must be in [1, 1e15], found 0"));
}

TEST(Mistakes, TheBadInputsOfARun) {
  EXPECT_THAT(only_mistake("method.parallelism = 0"),
              HasSubstr("file.toml:2:22: method.parallelism: must be in [1"));
  EXPECT_THAT(only_mistake("method.history = 1"), HasSubstr("at least 2, found 1"));
  EXPECT_THAT(only_mistake("method.history = -3"), HasSubstr("found -3"));
  EXPECT_THAT(only_mistake("problem.dimension = 0"), HasSubstr("found 0"));
  EXPECT_THAT(only_mistake("problem.dimension = 9223372036854775807"), HasSubstr("must be in [1, 1e12]"));
  EXPECT_THAT(only_mistake("estimator.kernel = \"mattern52\""), HasSubstr("did you mean 'matern52'?"));
  EXPECT_THAT(only_mistake("method.update = \"best\""), HasSubstr("valid: auto, replay, "));
  EXPECT_THAT(only_mistake("run.seed = -1"), HasSubstr(">= 0, found -1"));
  EXPECT_THAT(only_mistake("run.name = \"../up\""), HasSubstr("plain name"));
  EXPECT_THAT(only_mistake("run.name = \"\""), HasSubstr("plain name"));
  EXPECT_THAT(only_mistake("run.output = \"\""), HasSubstr("must not be empty"));
  const auto shards =
      mistakes_in("problem.name = \"softmax\"\ndata.shards = 0\ndata.source = \"fashion-mnst\"\n");
  ASSERT_THAT(shards, SizeIs(2));
  EXPECT_THAT(shards[0], HasSubstr("data.shards: must be in [1, 1e9], found 0"));
  EXPECT_THAT(shards[1], HasSubstr("did you mean 'fashion-mnist'?, or a path"));
}

TEST(Mistakes, SurrogateNeedsExactGradients) {
  const std::string rule = sphere + "method.update = \"surrogate\"\n";
  EXPECT_THAT(mistakes_in(rule + "optimizer.learning_rate = 0.1\n"), IsEmpty());
  EXPECT_THAT(mistakes_in(rule + "problem.noise.kind = \"gaussian\"\nproblem.noise.sigma = 0.1\n"),
              ElementsAre(HasSubstr("needs exact gradients, but problem.noise.kind makes them noisy")));
  EXPECT_THAT(mistakes_in(rule + "method.parallelism = 4\nfailure.quorum = 0.5\n"), IsEmpty());
}

TEST(Mistakes, SecantMethodsNeedExactGradientsAndTakeNoOptimizer) {
  for (const char* const name : {"lbfgs", "anderson"}) {
    const std::string method = std::string("method.name = \"") + name + "\"\n";
    EXPECT_THAT(
        mistakes_in(sphere + method + "problem.noise.kind = \"gaussian\"\nproblem.noise.sigma = 0.1\n"),
        ElementsAre(HasSubstr("needs exact gradients, but problem.noise.kind makes them noisy")));
    EXPECT_THAT(mistakes_in("problem.name = \"softmax\"\ndata.batch = 8\n" + method),
                ElementsAre(HasSubstr("needs exact gradients, but data.batch makes them noisy")));
    EXPECT_THAT(mistakes_in(sphere + method + "optimizer.name = \"sgd\"\n"),
                ElementsAre(HasSubstr("optimizer.name does nothing with method.name")));
    EXPECT_THAT(mistakes_in(sphere + method + "method.memory = 0\n"),
                ElementsAre(HasSubstr("must be in [1, 1000]")));
  }
  const std::string rate = "optimizer.learning_rate = 0.1\n";
  EXPECT_THAT(mistakes_in(sphere + "method.name = \"anderson\"\n" + rate), IsEmpty());
  EXPECT_THAT(mistakes_in(sphere + "method.name = \"lbfgs\"\n" + rate),
              ElementsAre(HasSubstr("optimizer.learning_rate does nothing with method.name = \"lbfgs\"")));
  // A file for another method stays usable.
  EXPECT_THAT(mistakes_in(sphere + rate + "optimizer.beta1 = 0.8\n", {{"method.name", "lbfgs"}}), IsEmpty());
  EXPECT_THAT(only_mistake("method.memory = 5"), HasSubstr("only with 'lbfgs' or 'anderson'"));
}

TEST(Mistakes, BoundsAndUnits) {
  EXPECT_THAT(mistakes_in(sphere + "problem.lower = 2\nproblem.upper = 1.5\n"),
              ElementsAre("file.toml:2:9: problem.lower: must be at most problem.upper = 1.5, found 2"));
  EXPECT_THAT(mistakes_in(sphere + "problem.lower = 2\nproblem.upper = 2\n"), IsEmpty());
  EXPECT_THAT(only_mistake("problem.lower = \"-1\""), HasSubstr("is a number in quotes; write -1"));
  EXPECT_THAT(only_mistake("problem.lower = nan"), HasSubstr("must be finite"));
  EXPECT_THAT(only_mistake("problem.upper = \"file.h5\""),
              HasSubstr("must be a number or FILE.h5:/path, found \"file.h5\""));
  EXPECT_THAT(only_mistake("problem.upper = true"),
              HasSubstr("must be a number or FILE.h5:/path, found a boolean"));
  EXPECT_THAT(only_mistake("problem.scale = 0"), HasSubstr("must be > 0"));
  EXPECT_THAT(mistakes_in(sphere + "problem.scale = 2\nmethod.name = \"vanilla\"\n"),
              ElementsAre(HasSubstr("problem.scale does nothing with method.name = \"vanilla\"")));
  EXPECT_THAT(mistakes_in(sphere + "problem.scale = 2\n", {{"method.name", "lbfgs"}}), IsEmpty());
}

TEST(Mistakes, ListsMustBeListsOfIntegersInRange) {
  const auto answer = [](const std::string& hidden) {
    const auto lines = mistakes_in("problem.name = \"mlp\"\nproblem.hidden = " + hidden + "\n");
    return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " mistakes";
  };
  const std::string wanted = "a list of integers in [1, 1e6], such as [128, 64], found ";
  EXPECT_EQ(answer("[128, 64]"), "0 mistakes");
  EXPECT_THAT(answer("[128, 0]"),
              HasSubstr("file.toml:2:18: problem.hidden: each must be in [1, 1e6], found 0"));
  EXPECT_THAT(answer("128"), HasSubstr(wanted + "an integer"));
  EXPECT_THAT(answer("\"128, 64\""),
              HasSubstr("a list of integers in [1, 1e6], such as [128, 64], found a string"));
  EXPECT_THAT(answer("[1.5]"), HasSubstr(wanted + "an array"));
  EXPECT_THAT(answer("[[1], [2]]"), HasSubstr(wanted + "an array"));
  EXPECT_THAT(mistakes_in("problem.name = \"mlp\"\n", {{"problem.hidden", "128;64"}}),
              ElementsAre(HasSubstr("such as [128, 64], found '128;64'")));
  EXPECT_THAT(only_mistake("problem.hidden = [3]"), HasSubstr("problem.hidden does nothing"));
  EXPECT_THAT(only_mistake("problem.dimension = [3]"),
              HasSubstr("must be an integer in [1, 1e12], found a list"));
}

TEST(Mistakes, NumbersMustBeNumbers) {
  EXPECT_THAT(only_mistake("optimizer.learning_rate = nan"), HasSubstr("must be finite"));
  EXPECT_THAT(only_mistake("optimizer.learning_rate = inf"), HasSubstr("must be finite"));
  EXPECT_THAT(only_mistake("optimizer.learning_rate = 0"), HasSubstr("must be > 0, found 0"));
  EXPECT_THAT(only_mistake("optimizer.learning_rate = \"0.1\""),
              HasSubstr("must be a number > 0, found a string"));
  EXPECT_THAT(only_mistake("optimizer.learning_rate = true"), HasSubstr("found a boolean"));
  EXPECT_THAT(only_mistake("optimizer.learning_rate = [0.1]"), HasSubstr("found an array"));
  EXPECT_THAT(only_mistake("optimizer.learning_rate = 2024-01-01"), HasSubstr("found a date"));
  EXPECT_THAT(only_mistake("optimizer.learning_rate.x = 1"), HasSubstr("found a table"));
  EXPECT_THAT(only_mistake("optimizer.beta1 = 1.0"), HasSubstr("must be in [0, 1), found 1"));
  EXPECT_THAT(only_mistake("stop.iterations = 1e3"), HasSubstr("must be an integer; write 1000"));
  EXPECT_THAT(only_mistake("stop.iterations = 1.5"), HasSubstr("found a real number"));
  EXPECT_THAT(only_mistake("estimator.lengthscale = \"0.5\""), HasSubstr("is a number in quotes; write 0.5"));
  EXPECT_THAT(only_mistake("estimator.lengthscale = 0"), HasSubstr("must be > 0"));
  EXPECT_THAT(only_mistake("parallel.coordinator_evaluates = 1"),
              HasSubstr("must be true or false, found an integer"));
  EXPECT_THAT(only_mistake("checkpoint.every = 10"), HasSubstr("10 iterations"));
  EXPECT_THAT(only_mistake("checkpoint.every = \"10 minuts\""), HasSubstr("15 min"));
}

TEST(Mistakes, WordsOfTheCommandLineAreHeldToTheSame) {
  const auto only = [](const std::string& key, const std::string& value) {
    const auto lines = mistakes_in(sphere, {{key, value}});
    EXPECT_THAT(lines, SizeIs(1)) << key << "=" << value;
    return lines.empty() ? std::string() : lines.front();
  };
  EXPECT_EQ(only("method.parallelism", "0"), "--method.parallelism: must be in [1, 65536], found 0");
  EXPECT_EQ(only("method.parallelism", "four"),
            "--method.parallelism: must be an integer in [1, 65536], found 'four'");
  EXPECT_EQ(only("method.parallelism", ""),
            "--method.parallelism: must be an integer in [1, 65536], found ''");
  EXPECT_EQ(only("stop.iterations", "1e3"), "--stop.iterations: must be an integer; write 1000");
  EXPECT_EQ(only("optimizer.learning_rate", "nan"), "--optimizer.learning_rate: must be finite");
  EXPECT_EQ(only("parallel.coordinator_evaluates", "yes"),
            "--parallel.coordinator_evaluates: must be true or false, found 'yes'");
  EXPECT_EQ(only("run.output", "\xff"), "--run.output: is not UTF-8 text");
  EXPECT_EQ(only("dimension", "5"),
            "--dimension: unknown key 'dimension'; did you mean 'problem.dimension'?");
  EXPECT_EQ(only("optimizer.lr", "5"),
            "--optimizer.lr: unknown key 'optimizer.lr'; did you mean 'learning_rate'?");
  const auto twice = mistakes_in(sphere, {{"run.seed", "1"}, {"run.seed", "2"}});
  EXPECT_THAT(twice, ElementsAre("--run.seed: given twice"));
}

TEST(Mistakes, KeysThatDoNothingAreRefused) {
  EXPECT_EQ(only_mistake("optimizer = { name = \"sgd\", beta1 = 0.5 }"),
            "file.toml:2:29: optimizer.beta1 does nothing with optimizer.name = \"sgd\", only with 'adam' or "
            "'adamw'; "
            "remove it");
  EXPECT_THAT(only_mistake("data.shards = 4"), HasSubstr("does nothing with problem.name = \"sphere\""));
  EXPECT_THAT(only_mistake("problem.condition = 4"), HasSubstr("only with 'quadratic'"));
  EXPECT_THAT(only_mistake("problem.noise.sigma = 4"), HasSubstr("with problem.noise.kind = \"none\""));
  EXPECT_THAT(only_mistake("method = { update = \"last\", reach = 5 }"),
              HasSubstr("with method.update = \"last\""));
  // Through another key that does not apply either.
  EXPECT_THAT(only_mistake("method = { name = \"vanilla\", reach = 5 }"),
              HasSubstr("with method.name = \"vanilla\""));
  EXPECT_THAT(
      mistakes_in(sphere, {{"data.shards", "4"}}),
      ElementsAre(HasSubstr("--data.shards: data.shards does nothing with problem.name = \"sphere\"")));
}

TEST(Mistakes, AWrongNameRaisesNoErrorsAboutWhatDependsOnIt) {
  EXPECT_THAT(
      mistakes_in(
          "[problem]\nname = \"sofmax\"\nl2 = 0.1\n[data]\nshards = 3\n[optimizer]\nname = 5\nbeta1 = 0.1\n"),
      ElementsAre("file.toml:2:8: problem.name: unknown value 'sofmax'; did you mean 'softmax'?",
                  HasSubstr("file.toml:7:8: optimizer.name: must be 'sgd', 'momentum'")));
}

TEST(Mistakes, WhatIsNeededIsNamed) {
  EXPECT_THAT(mistakes_in(""), ElementsAre(StartsWith("file.toml: missing problem.name; it takes 'sphere'")));
  EXPECT_EQ(only_mistake("problem.noise.kind = \"laplace\""),
            "file.toml: missing problem.noise.sigma, needed with problem.noise.kind = \"laplace\"; it takes "
            "a number > 0");
  EXPECT_THAT(only_mistake("optimizer.schedule = \"cosine\""),
              HasSubstr("missing optimizer.schedule_steps, needed with"));
}

TEST(Mistakes, PrecisionThreadsAndCost) {
  EXPECT_THAT(only_mistake("estimator.precision = \"f16\""),
              HasSubstr("estimator.precision: unknown value 'f16'"));
  EXPECT_THAT(only_mistake("method.name = \"vanilla\"\nestimator.precision = \"f32\""),
              HasSubstr("estimator.precision does nothing with method.name = \"vanilla\""));
  EXPECT_THAT(only_mistake("parallel.threads = -1"),
              HasSubstr("parallel.threads: must be in [0, 1024], found -1"));
  EXPECT_THAT(only_mistake("problem.cost.kind = \"sleep\""), HasSubstr("missing problem.cost.seconds"));
  EXPECT_THAT(only_mistake("problem.cost.seconds = 1"), HasSubstr("problem.cost.seconds does nothing"));
}

TEST(Mistakes, Contradictions) {
  EXPECT_THAT(only_mistake("optimizer = { schedule = \"linear\", schedule_steps = 5, warmup_steps = 5 }"),
              HasSubstr("must be less than optimizer.schedule_steps = 5"));
  EXPECT_THAT(only_mistake("estimator = { lengthscale = \"paper\", nugget = \"ml\" }"),
              HasSubstr("write a number"));
  EXPECT_THAT(mistakes_in("problem = { name = \"rosenbrock\", dimension = 1 }"),
              ElementsAre(HasSubstr("at least 2")));
  EXPECT_THAT(mistakes_in("problem.name = \"softmax\"\ndata = { shards = 20, limit = 10, batch = 11 }"),
              SizeIs(2));
  EXPECT_THAT(mistakes_in("problem = { name = \"plugin\", library = \"./mine.so\" }\n"
                          "parallel.ranks_per_worker = 2\nfailure.lost_rank = \"continue\""),
              ::testing::Contains(HasSubstr("failure.lost_rank: must be \"abort\"")));
}

TEST(Mistakes, ShapesThatAreNotSections) {
  EXPECT_THAT(only_mistake("optimizer = \"adam\""),
              HasSubstr("'optimizer' is a section, found a value; write [optimizer]"));
  EXPECT_THAT(only_mistake("[[optimizer]]\nname = \"adam\""), HasSubstr("found an array of tables"));
  EXPECT_THAT(only_mistake("\"optimizer.name\" = \"adam\""), HasSubstr("unknown key 'optimizer.name'"));
  EXPECT_THAT(only_mistake("learning_rate = 0.1"), HasSubstr("did you mean 'optimizer.learning_rate'?"));
  EXPECT_THAT(only_mistake("[optimizer.adam]\nx = 1"),
              HasSubstr("unknown section 'optimizer.adam'; valid: run, problem"));
  EXPECT_THAT(only_mistake("[method]\nkernel = \"rbf\""), HasSubstr("did you mean 'estimator.kernel'?"));
  EXPECT_THAT(only_mistake("\"\" = 1"), HasSubstr("unknown key ''"));
}

TEST(Mistakes, TextThatIsNotToml) {
  const auto only = [](const std::string& text) {
    const auto lines = mistakes_in(text);
    EXPECT_THAT(lines, SizeIs(1)) << text;
    return lines.empty() ? std::string() : lines.front();
  };
  EXPECT_THAT(only("[problem]\nname = \"sphere\"\n[problem]\n"), StartsWith("file.toml:3:"));
  EXPECT_THAT(only("[problem]\nname = \"a\"\nname = \"b\"\n"), StartsWith("file.toml:3:"));
  EXPECT_THAT(only("[problem]\r\nname = \"sphere\r\n"), StartsWith("file.toml:2:"));
  EXPECT_THAT(only("[problem\n"), StartsWith("file.toml:1:"));
  EXPECT_THAT(only("problem.name = sphere\n"), StartsWith("file.toml:1:"));
  EXPECT_THAT(only("x = \"\xff\xfe\"\n"), StartsWith("file.toml:1:"));
  EXPECT_THAT(only(std::string("x = \"a\0b\"\n", 10)), StartsWith("file.toml:1:"));
  EXPECT_THAT(only("x = 99999999999999999999\n"), StartsWith("file.toml:1:"));
  EXPECT_THAT(only(std::string(1000, '[')), StartsWith("file.toml:1:"));
  EXPECT_THAT(only("x = " + std::string(1000, '[') + std::string(1000, ']')), StartsWith("file.toml:1:"));
  EXPECT_THAT(only("\x89HDF\r\n\x1a\n"), StartsWith("file.toml:1:"));
  // What toml++ 3.3 must not see.
  EXPECT_THAT(only("# ok: é\nx = \"é\"\n  größe = 1\n"),
              StartsWith("file.toml:3:5: not TOML: a character beyond"));
  EXPECT_THAT(only("é"), StartsWith("file.toml:1:1: not TOML: a character beyond"));
  EXPECT_THAT(only("x = 1\n[ \n"), StartsWith("file.toml:2:3: not TOML: a section's name is missing"));
  EXPECT_THAT(only("[[[x]]]"), StartsWith("file.toml:1:3: not TOML: a section's name is missing"));
  EXPECT_THAT(only("[.x]"), StartsWith("file.toml:1:2: not TOML: a section's name is missing"));
  EXPECT_THAT(only("x = a\"é\""), StartsWith("file.toml:1:6: not TOML: a quote in the middle"));
  EXPECT_THAT(only("x = 12:34\ny = T:\n"), StartsWith("file.toml:"));
}

TEST(Mistakes, StringsAndArraysOfAllKindsAreToml) {
  // Everything here is right TOML: only the keys are unknown.
  const std::string text =
      "a = \"é # [[[ \\\" ' é\"\n"
      "b = 'é \"\\' # é\n"
      "c = \"\"\"\n[[[ é \"\" \\\"\"\" é\"\"\"\"\"\n"
      "d = '''é '' \\'''''\n"
      "e = [\n  [+1, 2],\n  [ [3] ],\n  [{ x = 1 }] ]\n"
      "f = { g = [1], h = \"\" }\n"
      "[[ \"i\".'j' . k ]] # é\n";
  const auto lines = mistakes_in(sphere + text);
  EXPECT_THAT(lines, SizeIs(7));
  for (const std::string& line : lines) EXPECT_THAT(line, HasSubstr("unknown"));
}

TEST(Mistakes, LinesStayOneLineEach) {
  // Names with line breaks in them must not fake further errors.
  for (const std::string& line : mistakes_in("\"a\\nb\" = 1\n[problem]\nname = \"x\\ny\"\nproblem = 1\n")) {
    EXPECT_THAT(line, HasSubstr("file.toml:")) << line;
  }
}

TEST(Mistakes, FilesThatCannotBeRead) {
  const test::TemporaryFolder folder;
  const auto message = [&](const std::filesystem::path& file) -> std::string {
    try {
      read_config(file);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THROW(read_config(folder / "none.toml"), UsageError);
  EXPECT_THAT(message(folder / "none.toml"), HasSubstr("none.toml: no such configuration file"));
  EXPECT_THAT(message(folder / "none.toml" / "below"), HasSubstr("no such configuration file"));
  EXPECT_THAT(message(folder.path()), HasSubstr("is a folder"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(message(folder / "pipe"), HasSubstr("is not a regular file"));
  EXPECT_THAT(message("/dev/zero"), HasSubstr("is not a regular file"));
  test::write_bytes(folder / "huge.toml", "");
  std::filesystem::resize_file(folder / "huge.toml", 17u << 20);
  EXPECT_THAT(message(folder / "huge.toml"), HasSubstr("17825792 bytes are too many"));
  test::write_bytes(folder / "latin1.toml", "# gr\xfc\xdf\nproblem.name = \"sphere\"\n");
  EXPECT_THAT(message(folder / "latin1.toml"), HasSubstr("latin1.toml:1:"));
  EXPECT_THAT(message(std::string(5000, 'x')), HasSubstr("cannot look at"));
  if (::geteuid() != 0) {
    test::write_bytes(folder / "secret.toml", sphere);
    std::filesystem::permissions(folder / "secret.toml", std::filesystem::perms::none);
    EXPECT_THROW(read_config(folder / "secret.toml"), IoError);
  }
}

TEST(Mistakes, OfDataAndProblemsThatDoNotFit) {
  EXPECT_THAT(mistakes_in("problem.name = \"logistic\"\n"),
              ElementsAre(HasSubstr("missing data.source, needed with problem.name = \"logistic\"")));
  EXPECT_THAT(mistakes_in("problem.name = \"logistic\"\ndata.source = \"./a.svm\"\ndata.format = \"text\"\n"),
              ElementsAre(HasSubstr("file.toml:3:6: data.format: \"text\" holds no labels")));
  EXPECT_THAT(mistakes_in("problem.name = \"char_lm\"\ndata.source = \"./a.txt\"\ndata.format = \"csv\"\n"),
              ElementsAre(HasSubstr("data.format: must be \"text\"")));
  EXPECT_THAT(mistakes_in("problem.name = \"softmax\"\ndata.format = \"csv\"\n"),
              ElementsAre(HasSubstr("data.source: \"fashion-mnist\" is read with data.format = \"idx\"")));
  EXPECT_THAT(mistakes_in("problem.name = \"softmax\"\ndata.label_column = \"first\"\n"),
              ElementsAre(HasSubstr("data.label_column does nothing with data.format = \"idx\"")));
  EXPECT_THAT(mistakes_in("problem.name = \"dqn\"\ndata.batch = 0\n"),
              ElementsAre(HasSubstr("data.batch: must be at least 1 with problem.name = \"dqn\", found 0")));
  EXPECT_THAT(mistakes_in("problem.name = \"dqn\"\nproblem.buffer = 50\n"),
              ElementsAre(HasSubstr("data.batch: must be at most problem.buffer = 50, found 128")));
  EXPECT_THAT(mistakes_in("problem.name = \"heat_inversion\"\nproblem.cells = [3, 4, 5]\n"),
              ElementsAre(HasSubstr("problem.cells: must be two numbers, columns and rows, found 3")));
  EXPECT_THAT(mistakes_in("problem.name = \"heat_inversion\"\nproblem.unknown = \"conductivity\"\n"),
              ElementsAre(HasSubstr("problem.unknown: \"conductivity\" needs problem.lower > 0")));
  EXPECT_THAT(mistakes_in("problem.name = \"heat_inversion\"\nproblem.sources = 3\ndata.shards = 4\n"),
              ElementsAre(HasSubstr("data.shards: must be at most problem.sources = 3, found 4")));
}

}  // namespace
}  // namespace optex
