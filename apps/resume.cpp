#include <filesystem>

#include "commands.hpp"
#include "experiment.hpp"
#include "stored_config.hpp"

namespace optex::app {
namespace {

ExitCode start_resume(const CommandLine& line) {
  const std::filesystem::path folder = line.arguments.front();
  Experiment experiment;
  experiment.configure = [=, overrides = line.overrides] { return stored_config(folder, overrides); };
  experiment.if_exists = IfExists::resume;
  if (line.has("replay")) experiment.replay = line.option("replay");
  experiment.accept_library = line.has("accept-library");
  experiment.command_line = line.words;
  return static_cast<ExitCode>(conduct(experiment));
}

}  // namespace

Subcommand resume_command() {
  return {{.name = "resume",
           .help = "go on with a run from its newest checkpoint",
           .description =
               "With the configuration that is stored in the folder, on any number of ranks. Stop rules and "
               "others that change no number may be given anew; a key that would change the numbers is "
               "refused.",
           .arguments = {{.name = "DIR", .help = "the run's folder"}},
           .options = {{.name = "replay",
                        .value = "OTHER",
                        .help = "for a run that replays the one in OTHER (optex run --replay)"},
                       {.name = "accept-library",
                        .help = "go on although problem.library is another file than before; recorded in "
                                "provenance.json"}},
           .takes_keys = true,
           .examples = {{"mpirun -n 8 optex resume runs/experiment", "on eight ranks now"},
                        {"optex resume runs/experiment --stop.iterations=500", "further than planned"}}},
          start_resume,
          true};
}

}  // namespace optex::app
