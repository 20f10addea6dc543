#include "experiment.hpp"

#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/monitor/arithmetic.hpp"
#include "optex/monitor/provenance.hpp"
#include "optex/setup/contents.hpp"

#include <memory>
#include <utility>

#include "conductor.hpp"
#include "output.hpp"
#include "run_start.hpp"
#include "spread_state.hpp"
#include "stopping_early.hpp"
#include <fmt/format.h>

namespace optex::app {

namespace fs = std::filesystem;

void record_provenance(const RunFolder& folder, const Config& config, const Problem& problem,
                       const Ranks& ranks, const std::vector<std::string>& command_line,
                       const std::vector<std::string>& accepted) {
  Provenance provenance;
  provenance.accepted = accepted;
  provenance.command_line = command_line;
  provenance.mpi_library = ranks.mpi_library();
  provenance.host_of_rank = ranks.hosts();
  provenance.arithmetic = arithmetic_here();
  for (const auto& data : {problem.train, problem.test})
    if (data) provenance.data_hashes.emplace_back(data->source, data->hash);
  if (!problem.library_hash.empty())
    provenance.data_hashes.emplace_back("problem.library", problem.library_hash);
  provenance.contents = content_hashes(config, problem);
  write_provenance(folder.provenance_file(), provenance);
}

int conduct_on(Ranks& ranks, const Experiment& experiment) {
  const Scene scene = set_scene(ranks, experiment.configure);
  const Config& config = scene.given.config;
  const Problem& problem = scene.problem;
  spread_state(ranks, scene);
  if (experiment.dry_run) {
    ranks.agree_on([&] {
      if (!ranks.is_first()) return;
      read_start(experiment, config, problem, ranks);
      print(fmt::format("{}: nothing was run; {} ranks, {} coordinates, {} shards\n",
                        run_folder(config).string(), ranks.hosts().size(), problem.objective->dimension(),
                        problem.objective->shard_count()));
    });
    return 0;
  }

  std::optional<Conductor> conductor;
  ranks.agree_on([&] {
    if (ranks.is_first())
      conductor.emplace(experiment, scene.given, problem, ranks,
                        read_start(experiment, config, problem, ranks), scene.arithmetic);
  });
  if (!ranks.is_first()) {
    serve_in(ranks, scene);
    return 0;
  }
  EvaluatorWishes wishes = work_sharing(config);
  wishes.goes_on_without_lost = config.text("failure.lost_rank") == "continue";
  if (ranks.slices() == nullptr) wishes.interrupted = RoundBreaker();  // with slices rounds are ended
  wishes.on_lost = [&conductor](int rank, const std::string& text) { conductor->lose(rank, text); };
  const std::unique_ptr<Evaluator> evaluator = ranks.evaluator(*problem.objective, wishes);
  return conductor->run(*evaluator);
}

int conduct(const Experiment& experiment) {
  return on_all_ranks([&](Ranks& ranks) { return conduct_on(ranks, experiment); });
}

std::vector<Override> in_folder(const fs::path& folder) {
  if (folder.empty()) throw UsageError("the name of the run's folder is empty");
  fs::path path = absolute_path(folder);
  if (!path.has_filename()) path = path.parent_path();  // "runs/name/"
  if (path.filename() == "..") {
    std::error_code error;
    path = fs::canonical(path, error);  // only the file system knows what it is called
    if (error) throw IoError(fmt::format("{}: {}", folder.string(), error.message()));
  }
  return {{"run.output", path.parent_path().string()}, {"run.name", path.filename().string()}};
}

std::vector<Override> overrides_in(const CommandLine& line) {
  std::vector<Override> overrides = line.overrides;
  if (!line.has("output")) return overrides;
  const std::vector<Override> place = in_folder(line.option("output"));
  overrides.insert(overrides.end(), place.begin(), place.end());
  return overrides;
}

GivenConfig given_config(const CommandLine& line) {
  const std::string& file = line.arguments.front();
  return {read_config_text(file), read_config(file, overrides_in(line))};
}

}  // namespace optex::app
