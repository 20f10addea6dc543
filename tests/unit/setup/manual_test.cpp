#include "optex/setup/manual.hpp"

#include "optex/setup/schema.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::HasSubstr;
using testing::Not;

const CommandSyntax command{
    .name = "run",
    .help = "minimise",
    .description = "Runs.\n.TH is no request here, \\ no escape.",
    .arguments = {{.name = "CONFIG", .help = "a file"}},
    .options = {{.name = "output", .letter = 'o', .value = "DIR", .help = "the folder"}},
    .takes_keys = true,
    .examples = {{"optex run a.toml", "an example"}}};

TEST(Manual, EveryKeyHasARowInTheReferenceAndAnEntryInTheManual) {
  const std::string reference = key_reference(), page = key_man_page("1.0", "");
  std::istringstream lines(reference);
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| `")) ++rows;
  EXPECT_EQ(rows, schema().keys().size());
  for (const Key& key : schema().keys())
    EXPECT_THAT(reference, HasSubstr("| `" + std::string(key.name) + "` |"));
  std::size_t entries = 0;
  for (std::size_t at = 0; (at = page.find(".TP\n.B ", at)) != std::string::npos; ++at) ++entries;
  EXPECT_EQ(entries, schema().keys().size());
}

TEST(Manual, TablesHaveFiveBarsARow) {
  std::istringstream lines(key_reference());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) continue;
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
      if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++bars;
    EXPECT_EQ(bars, 5U) << line;
  }
}

TEST(Manual, TextOfAManualPageIsNoRequest) {
  const std::string page = man_page(command, "1.0", "2026");
  EXPECT_THAT(page, HasSubstr("\n\\&.TH is no request here, \\e no escape."));
  EXPECT_THAT(page, HasSubstr("\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIDIR\\fR"));
  EXPECT_THAT(page, HasSubstr("optex run a.toml"));
  EXPECT_THAT(page, Not(HasSubstr("\n.TH is")));
}

TEST(Completion, KnowsCommandsOptionsKeysAndValues) {
  const std::string script = bash_completion({command});
  EXPECT_THAT(script, HasSubstr("run) words=\"--help --output\" keyed=1"));
  EXPECT_THAT(script, HasSubstr("--optimizer.learning_rate="));
  EXPECT_THAT(script, HasSubstr("--parallel.coordinator_evaluates) words=\"true false\""));
}

}  // namespace
}  // namespace optex
