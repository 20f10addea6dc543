#include "optex/setup/command_line.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/help.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const CommandSyntax& syntax() {
  static const CommandSyntax run{
      .name = "run",
      .help = "run something",
      .arguments = {{.name = "CONFIG", .help = "a file"}},
      .options = {{.name = "output", .letter = 'o', .value = "DIR", .help = "where to"},
                  {.name = "resume", .help = "go on"},
                  {.name = "force", .help = "start over"}},
      .takes_keys = true,
      .examples = {{"optex run a.toml", "run it"}},
  };
  return run;
}

CommandLine parse(const std::vector<std::string>& words) { return parse_command_line(syntax(), words); }

std::string refusal(const std::vector<std::string>& words) {
  try {
    parse(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(CommandLine, EmptyWordsAreNamed) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"a.toml", "-o", ""}, {"a.toml", "--output="}, {"a.toml", "-o="}})
    EXPECT_THAT(refusal(words), HasSubstr("output")) << words.back();
  EXPECT_THAT(refusal({""}), HasSubstr("an argument is empty"));
  EXPECT_EQ(parse({"a.toml", "--output==x"}).option("output"), "=x");
}

TEST(CommandLine, WordsInAnyOrder) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"a.toml", "--run.seed=5", "--resume", "-o", "out"},
        {"--resume", "--output=out", "--run.seed", "5", "a.toml"},
        {"-o=out", "a.toml", "--resume", "--run.seed=5"},
        {"-oout", "a.toml", "--resume", "--run.seed=5"}}) {
    const CommandLine line = parse(words);
    EXPECT_THAT(line.arguments, ElementsAre("a.toml"));
    EXPECT_EQ(line.option("output"), "out");
    EXPECT_TRUE(line.has("resume"));
    EXPECT_FALSE(line.has("force"));
    EXPECT_EQ(line.option("force", "not given"), "not given");
    ASSERT_THAT(line.overrides, SizeIs(1));
    EXPECT_EQ(line.overrides[0].key, "run.seed");
    EXPECT_EQ(line.overrides[0].value, "5");
  }
}

TEST(CommandLine, ValuesAreTakenAsTheyAre) {
  const CommandLine line =
      parse({"a.toml", "--stop.value", "-1", "--run.output==x = y", "--stop.seconds=-5", "-o", "a b"});
  ASSERT_THAT(line.overrides, SizeIs(3));
  EXPECT_EQ(line.overrides[0].value, "-1");
  EXPECT_EQ(line.overrides[1].value, "=x = y");
  EXPECT_EQ(line.overrides[2].value, "-5");
  EXPECT_EQ(line.option("output"), "a b");
  EXPECT_THAT(parse({"--", "--resume"}).arguments, ElementsAre("--resume"));
}

TEST(CommandLine, EveryKeyIsAnOption) {
  for (const Key& key : schema().keys()) {
    const CommandLine line = parse({"a.toml", "--" + key.full_name() + "=1"});
    ASSERT_THAT(line.overrides, SizeIs(1));
    EXPECT_EQ(line.overrides[0].key, key.full_name());
  }
}

TEST(CommandLine, NothingIsCompleted) {
  for (const Key& key : schema().keys()) {
    // One letter short: passed on as written, for the configuration to refuse.
    const std::string cut = key.full_name().substr(0, key.full_name().size() - 1);
    const CommandLine line = parse({"a.toml", "--" + cut + "=1"});
    ASSERT_THAT(line.overrides, SizeIs(1));
    EXPECT_EQ(line.overrides[0].key, cut);
  }
  EXPECT_THAT(refusal({"a.toml", "--resum"}),
              HasSubstr("--resum: unknown option of 'optex run'; did you mean '--resume'?"));
  EXPECT_THAT(refusal({"a.toml", "--out=x"}), HasSubstr("--out: unknown option"));
}

TEST(CommandLine, MistakesAreToldAtOnce) {
  EXPECT_EQ(refusal({"--resum", "--frce"}),
            "--resum: unknown option of 'optex run'; did you mean '--resume'?\n"
            "--frce: unknown option of 'optex run'; did you mean '--force'?\n"
            "missing CONFIG; see 'optex run --help'");
  EXPECT_THAT(refusal({"a.toml", "b.toml"}), HasSubstr("'b.toml' is one argument too many"));
  EXPECT_THAT(refusal({}), HasSubstr("missing CONFIG"));
  EXPECT_THAT(refusal({"a.toml", "-o", "x", "--output=y"}), HasSubstr("--output: given twice"));
  EXPECT_THAT(refusal({"a.toml", "-o"}), HasSubstr("missing"));
  EXPECT_THAT(refusal({"a.toml", "-x"}), HasSubstr("-x: unknown option"));
  EXPECT_THAT(refusal({"a.toml", "--run.seed"}), HasSubstr("run.seed"));
  EXPECT_THAT(refusal({"a.toml", "--resume=yes"}), HasSubstr("resume"));
}

TEST(CommandLine, AnUnknownKeyKeepsItsValueOutOfTheArguments) {
  const CommandLine line = parse({"a.toml", "--optimizer.learning_rte", "0.1"});
  EXPECT_EQ(line.overrides.at(0).key, "optimizer.learning_rte");
}

TEST(CommandLine, AnOptionOfOnesOwnTakesItsValueAsEveryKeyDoes) {
  const CommandLine line = parse({"a.toml", "--problem.options.size", "8", "--problem.options.name=a=b"});
  ASSERT_EQ(line.overrides.size(), 2U);
  EXPECT_EQ(line.overrides[0].key, "problem.options.size");
  EXPECT_EQ(line.overrides[0].value, "8");
  EXPECT_EQ(line.overrides[1].value, "a=b");
  EXPECT_THAT(line.arguments, ElementsAre("a.toml"));
  EXPECT_THAT(refusal({"a.toml", "--problem.options.size"}), HasSubstr("problem.options.size"));
  EXPECT_EQ(parse({"a.toml", "--problem.options.a,b=1"}).overrides.at(0).key, "problem.options.a,b");
}

TEST(CommandLine, HelpWinsOverMistakes) {
  EXPECT_TRUE(parse({"--help"}).help);
  EXPECT_TRUE(parse({"-h", "--nonsense"}).help);
  EXPECT_FALSE(parse({"--", "--help"}).help);
}

TEST(CommandLine, ArgumentsMayRepeatOrBeLeftOut) {
  const CommandSyntax report{
      .name = "report", .help = "", .arguments = {{.name = "DIR", .help = "", .repeats = true}}};
  EXPECT_THAT(parse_command_line(report, {"a", "b", "c"}).arguments, ElementsAre("a", "b", "c"));
  EXPECT_THROW(parse_command_line(report, {}), UsageError);
  const CommandSyntax list{
      .name = "list", .help = "", .arguments = {{.name = "TOPIC", .help = "", .required = false}}};
  EXPECT_THAT(parse_command_line(list, {}).arguments, IsEmpty());
  // A command without keys knows none.
  EXPECT_THROW(parse_command_line(list, {"--run.seed=1"}), UsageError);
}

TEST(Help, HoldsEverythingAndKeepsItsWidth) {
  for (const std::size_t width : {40u, 60u, 80u, 110u}) {
    const std::string help = command_help(syntax(), {.colour = false, .width = width});
    for (const char* text :
         {"optex run CONFIG [-o DIR] [--resume]", "[--force]", "[--section.key=value ...]",
          "-o, --output DIR", "--help", "optex run a.toml", "[optimizer]", "learning_rate"}) {
      EXPECT_THAT(help, HasSubstr(text));
    }
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      // A command to be copied is never broken.
      EXPECT_LE(line.size(), width) << line;
      EXPECT_FALSE(line.ends_with(' ')) << "'" << line << "'";
    }
  }
}

TEST(Help, ColourIsAnOption) {
  EXPECT_EQ(command_help(syntax(), {.colour = false}).find('\x1b'), std::string::npos);
  EXPECT_NE(command_help(syntax(), {.colour = true}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace optex
