#include "optex/setup/config.hpp"

#include "commands.hpp"
#include "output.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

ExitCode start_config(const CommandLine& line) {
  const Config config = read_config(line.arguments.front(), line.overrides);
  for (const std::string& note : config.notes()) print_note(note);
  print(line.has("resolved") ? config.to_toml() : fmt::format("{}: ok\n", line.arguments.front()));
  return ExitCode::success;
}

}  // namespace

Subcommand config_command() {
  return {
      {.name = "config",
       .help = "check a configuration file, or print it with all defaults filled in",
       .arguments = {{.name = "CONFIG", .help = "a TOML file"}},
       .options = {{.name = "resolved",
                    .help = "print every key that applies with its value: a configuration that can be run"}},
       .takes_keys = true,
       .examples = {{"optex config experiment.toml", "every mistake with its line and column, or 'ok'"},
                    {"optex config experiment.toml --resolved --method.preset=paper > paper.toml",
                     "write the same experiment with the publication's recipe"}}},
      start_config};
}

}  // namespace optex::app
