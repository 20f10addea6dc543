#include "scene.hpp"

#include "optex/build_info.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/external/inside_plugin.hpp"
#include "optex/monitor/arithmetic.hpp"
#include "optex/monitor/run_folder.hpp"
#include "optex/monitor/words_of_dead_ranks.hpp"
#include "optex/setup/footprint.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "last_will.hpp"
#include "output.hpp"
#include "spread_state.hpp"
#include "stopping_early.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex::app {
namespace {

std::vector<std::pair<std::string, std::string>> facts_of(const Config& config, const Problem& problem) {
  return {{"version", build::version},
          {"git commit", build::git_commit},
          {"configuration", fmt::format("{:016x}", config.numbers_hash())},
          {"dimension", std::to_string(problem.objective->dimension())},
          {"shards", std::to_string(problem.objective->shard_count())},
          {"data", problem.train ? problem.train->hash : "none"},
          {"problem.library", problem.library_hash}};
}

/// On a rank that is not rank 0: tells once when its neighbour has died, for which the launcher is about to
/// end the others: rank 0, on another host, cannot know. There is a second: mpirun of Open MPI 4.1 ends rank
/// 0's host first, and this one two seconds later. True as long as there may be something to tell.
bool mourns(const Ranks& ranks, const files::Folder& folder) {
  if (told_to_end()) return false;  // ranks of this host may then go in any order
  const std::optional<std::string> dead = ranks.dead_neighbour();
  if (!dead) return true;
  try {
    WordsOfDeadRanks::tell(folder, ranks.rank(), *dead);
  } catch (const Error&) {
    // Then the signal counts.
  }
  return false;
}

}  // namespace

EvaluatorWishes work_sharing(const Config& config) {
  return {config.boolean("parallel.coordinator_evaluates"), keeps_by_shard(config)};
}

void keep_rank_error(const std::optional<files::Folder>& folder, int rank, const std::string& text) {
  if (!folder) return;  // not every rank need see it
  try {
    write_rank_error(*folder, rank, text);
  } catch (const std::exception& problem) {
    print_note(fmt::format("warning: {}", problem.what()));
  }
}

void refuse_external(const Config& config) {
  if (config.text("problem.name") == "external")
    throw UsageError(
        "problem.name = \"external\": its gradients are computed by you; use optex ask and optex tell "
        "(for a folder of optex.minimize: call that again with it)");
}

Scene set_scene(Ranks& ranks, const std::function<GivenConfig()>& configure) {
  std::optional<GivenConfig> given;
  ranks.agree_on([&] {
    if (ranks.is_first()) given.emplace(configure());
    if (given) refuse_external(given->config);
  });
  // The others need no access to the configuration file, and all mean the same by it.
  const std::string resolved = ranks.share(given ? given->config.to_toml() : "");
  if (!given) given.emplace(GivenConfig{resolved, parse_config(resolved, "configuration of rank 0")});
  ranks.set_stall_seconds(given->config.real("failure.stall_seconds"));

  std::stringstream hosts(ranks.share(fmt::format("{}", fmt::join(ranks.hosts(), "\n"))));
  std::vector<std::string> host_of_rank;
  for (std::string host; std::getline(hosts, host);) host_of_rank.push_back(host);
  const auto ranks_per_worker =
      static_cast<int>(given->config.integer_if_set("parallel.ranks_per_worker").value_or(1));
  ranks.agree_on([&] { ranks.form_workers(ranks_per_worker); });
  tell_place(ranks.rank(), host_of_rank, ranks_per_worker);

  if (ranks.is_first() || spreads_history(given->config)) {
    const std::string& host = host_of_rank[static_cast<std::size_t>(ranks.rank())];
    const auto here = std::count(host_of_rank.begin(), host_of_rank.end(), host);
    set_thread_count(assemble_threads(given->config, static_cast<int>(here)));
  }
  Scene scene{std::move(*given), {}, {}, ranks.gather(arithmetic_here())};
  const Config& config = scene.given.config;
  if (keeps_by_shard(config)) {
    std::string survey;
    ranks.agree_on([&] {
      if (ranks.is_first()) survey = to_bytes(survey_data(config));
    });
    scene.share = share_of_rank(config, survey_of(ranks.share(survey)), ranks.rank(),
                                static_cast<int>(host_of_rank.size()));
  }
  ranks.agree_on([&] { scene.problem = assemble_problem(config, scene.share ? &*scene.share : nullptr); });
  scene.problem.objective = ranks.of_worker(std::move(scene.problem.objective));
  ranks.check_same(facts_of(scene.given.config, scene.problem));
  if (scene.problem.uses_mpi) {
    Vector start;
    ranks.agree_on([&] { start = assemble_start(scene.given.config, *scene.problem.objective); });
    ranks.check_independent(*scene.problem.objective, start);
  }
  return scene;
}

void serve_in(Ranks& ranks, const Scene& scene) {
  // Now, while it is this run's.
  const std::optional<files::Folder> folder = folder_seen_by_rank(run_folder(scene.given.config));
  std::optional<Onlooker> mourner;
  std::optional<LastWill> last_will;
  const std::optional<std::string> alone = ranks.alone_on_host();
  if (folder && alone)
    last_will.emplace(run_folder(scene.given.config), ranks.rank(), *alone);
  else if (folder)
    mourner.emplace(std::chrono::milliseconds(200), [&] { return mourns(ranks, *folder); });
  try {
    if (ranks.slices() != nullptr) return serve_with_slice(ranks, scene);
    const LastWordsOfPlugins last([&](const std::string& words) {
      keep_rank_error(folder, ranks.rank(), words);
      print_error(fmt::format("rank {}: {}", ranks.rank(), words));
    });
    ranks.serve(*scene.problem.objective);
  } catch (const Error& error) {
    keep_rank_error(folder, ranks.rank(), error.what());
    throw;
  }
}

}  // namespace optex::app
