#include "optex/core/errors.hpp"
#include "optex/setup/contenders.hpp"
#include "optex/setup/footprint.hpp"

#include "commands.hpp"
#include "experiment.hpp"
#include "option_values.hpp"
#include "tournament.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

constexpr double most_seeds = 1000.0;

int compare_on(Ranks& ranks, const TournamentOptions& options,
               const std::function<GivenConfig()>& configure) {
  const Scene scene = set_scene(ranks, configure);
  std::optional<Tournament> tournament;
  ranks.agree_on([&] {
    if (spreads_history(scene.given.config))
      throw UsageError(
          "parallel.spread_history: must be false with optex compare, which runs its methods with "
          "rank 0's memory");
    if (ranks.is_first()) tournament.emplace(options, scene, ranks);
  });
  if (!ranks.is_first()) {
    serve_in(ranks, scene);
    return 0;
  }
  const std::unique_ptr<Evaluator> evaluator =
      ranks.evaluator(*scene.problem.objective, work_sharing(scene.given.config));
  return static_cast<int>(tournament->run(*evaluator));
}

ExitCode start_compare(const CommandLine& line) {
  if (line.has("resume") && line.has("force"))
    throw UsageError(
        "--resume goes on in the comparison's folder, --force starts over in it: give one of them");
  if (line.has("no-tune") && line.has("grid"))
    throw UsageError("--grid lists learning rates to choose from, --no-tune chooses none: give one of them");
  TournamentOptions options;
  options.methods = list_option(line, "methods");
  options.tune = !line.has("no-tune");
  options.grid = numbers_option(line, "grid", true);
  options.targets = numbers_option(line, "targets");
  options.seeds = integer_option(line, "seeds", {.min = 1.0, .max = most_seeds});
  options.every = integer_option(line, "every", {.min = 1.0, .max = 1e9});
  if (line.has("resume")) options.if_exists = IfExists::resume;
  if (line.has("force")) options.if_exists = IfExists::force;
  options.command_line = line.words;

  const auto configure = [=] {
    GivenConfig given = given_config(line);
    if (given.config.real("failure.quorum") < 1.0)
      throw UsageError("failure.quorum: must be 1 in a comparison: below, results depend on the clock");
    return given;
  };
  return static_cast<ExitCode>(
      on_all_ranks([&](Ranks& ranks) { return compare_on(ranks, options, configure); }));
}

}  // namespace

Subcommand compare_command() {
  return {
      {.name = "compare",
       .help = "set several methods against each other on one problem",
       .description =
           "The same problem on the same ranks by several methods, each at the best of the same learning "
           "rates: rounds, gradients, wall time and rank-hours to each target value of F, and a verdict. A "
           "run ends at the tightest target or by the stop rules of the configuration. Choosing a rate: "
           "fewest rounds to the tightest target, then the smaller value; of noisy problems on a draw of its "
           "own. F is exact, or with mini-batches the mean over 32 of them, the same for all; measuring it "
           "is neither counted nor timed.",
       .arguments = {{.name = "CONFIG", .help = "a TOML file"}},
       .options =
           {{.name = "methods",
             .value = "A,B",
             .help = "names of methods or update rules, paper, data_parallel_averaged; without it the usual "
                     "ones for exact or noisy gradients"},
            {.name = "no-tune", .help = "the configured learning rate for all"},
            {.name = "grid",
             .value = "R,R",
             .help = "learning rates to choose from; without it the configured one times 1/8, 1/4, ... 8"},
            {.name = "targets",
             .value = "F,F",
             .help = "values of F to reach; without it where vanilla stands after 25, 50 and 100 % of its "
                     "rounds, and stop.value"},
            {.name = "seeds",
             .value = "K",
             .help = "runs a method, with the seeds run.seed, run.seed + 1, ...; 1, or 3 with noise"},
            {.name = "every",
             .value = "K",
             .help = "rounds between two measurements where F is measured on its own (noise, averages)"},
            {.name = "output",
             .letter = 'o',
             .value = "DIR",
             .help = "the comparison's folder; without it run.output/run.name"},
            {.name = "resume", .help = "do only the runs that the folder does not hold yet"},
            {.name = "force", .help = "start over in a folder that holds an earlier run, replacing it"}},
       .takes_keys = true,
       .examples = {{"mpirun -n 4 optex compare experiment.toml -o runs/comparison",
                     "the usual methods on four ranks"},
                    {"optex compare experiment.toml --methods vanilla,optex --targets 0.1 --no-tune",
                     "two methods at the configured rate, to F = 0.1"}}},
      start_compare,
      true};
}

}  // namespace optex::app
