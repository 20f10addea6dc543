#include "optex/core/errors.hpp"

#include <cstdlib>

#include "commands.hpp"
#include "experiment.hpp"

namespace optex::app {
namespace {

/// Launchers take every code but 0 for a crash, and write a page about it. A script that reads the code in
/// status.json (run_cluster.sh) asks for 0 when a run is stopped as planned.
ExitCode for_the_launcher(ExitCode code) {
  return code == ExitCode::requeue && std::getenv("OPTEX_CODE_IN_STATUS") != nullptr ? ExitCode::success
                                                                                     : code;
}

ExitCode start_run(const CommandLine& line) {
  if (line.has("resume") && line.has("force"))
    throw UsageError("--resume goes on in the run's folder, --force starts over in it: give one of them");
  Experiment experiment;
  experiment.configure = [=] { return given_config(line); };
  if (line.has("resume")) experiment.if_exists = IfExists::resume;
  if (line.has("force")) experiment.if_exists = IfExists::force;
  if (line.has("replay")) experiment.replay = line.option("replay");
  experiment.accept_library = line.has("accept-library");
  experiment.dry_run = line.has("dry-run");
  experiment.command_line = line.words;
  return for_the_launcher(static_cast<ExitCode>(conduct(experiment)));
}

}  // namespace

Subcommand run_command() {
  return {{.name = "run",
           .help = "minimise what a configuration describes",
           .description =
               "Alone on one core, or under mpirun or srun on as many ranks as there are; the result is the "
               "same, bit for bit.",
           .arguments = {{.name = "CONFIG", .help = "a TOML file"}},
           .options =
               {{.name = "output",
                 .letter = 'o',
                 .value = "DIR",
                 .help = "the run's folder; without it run.output/run.name"},
                {.name = "resume", .help = "go on from the newest checkpoint if the folder has one"},
                {.name = "force", .help = "start over in a folder that holds an earlier run, replacing it"},
                {.name = "replay",
                 .value = "DIR",
                 .help = "close rounds as the run in DIR did (failure.quorum), whatever the clock says: the "
                         "same numbers on any number of ranks"},
                {.name = "accept-library",
                 .help = "go on although problem.library is another file than before; recorded in "
                         "provenance.json"},
                {.name = "dry-run", .help = "read everything and say what would run, but run nothing"}},
           .takes_keys = true,
           .examples = {{"mpirun -n 4 optex run experiment.toml", "four ranks; results in runs/experiment"},
                        {"optex run experiment.toml -o try2 --optimizer.learning_rate=0.01",
                         "another learning rate, into the folder try2"}}},
          start_run,
          true};
}

}  // namespace optex::app
