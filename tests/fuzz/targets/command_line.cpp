// What stands behind `optex run`, one word a line, and the configuration that it makes.
#include "optex/setup/command_line.hpp"

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(command_line) {
  CommandSyntax syntax;
  syntax.name = "run";
  syntax.arguments = {{.name = "CONFIG", .help = ""},
                      {.name = "MORE", .help = "", .required = false, .repeats = true}};
  syntax.options = {{.name = "output", .letter = 'o', .value = "DIR", .help = ""},
                    {.name = "force", .help = ""}};
  syntax.takes_keys = true;
  fuzz::Bites input(bytes);
  std::vector<std::string> words;
  while (!input.empty()) words.emplace_back(input.until('\n'));
  fuzz::reads_or_refuses(
      [&] {
        const CommandLine line = parse_command_line(syntax, words);
        if (!line.help)
          parse_config("[problem]\nname = \"sphere\"\ndimension = 3\n", "run.toml", line.overrides);
      },
      true);
}
