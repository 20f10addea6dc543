#include "run_start.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/footprint.hpp"

#include <algorithm>
#include <filesystem>

#include "replayed_arrivals.hpp"
#include <fmt/format.h>

namespace optex::app {

RunStart read_start(const Experiment& experiment, const Config& config, const Problem& problem,
                    const Ranks& ranks) {
  const std::vector<std::string> hosts = ranks.hosts();
  Footprint need = footprint(config, problem, static_cast<int>(hosts.size()));
  need.slices_beside =
      static_cast<int>(std::count(hosts.begin(), hosts.begin() + need.slice_holders, hosts.front())) - 1;
  refuse_oversized(need, machine_memory());
  RunStart start;
  if (keeps_by_shard(config) && need.shards < need.evaluating_ranks)
    start.notes.push_back(
        fmt::format("parallel.data = \"by_shard\": {} of {} ranks have nothing to do; data.shards = {} or "
                    "more would use them",
                    need.evaluating_ranks - need.shards, need.evaluating_ranks, need.evaluating_ranks));
  if (const std::string note = spread_note(config, need); !note.empty()) start.notes.push_back(note);
  try {
    start.theta = assemble_start(config, *problem.objective, &start.notes);
  } catch (const Error&) {
    std::error_code no_matter;
    const bool may_go_on = experiment.if_exists == IfExists::resume &&
                           std::filesystem::exists(run_folder(config) / "checkpoints", no_matter);
    if (!may_go_on) throw;
    start.failure = std::current_exception();
  }
  assemble_units(config, problem.objective->dimension());
  if (experiment.replay)
    start.replay = read_replay(*experiment.replay, config, problem);
  else if (experiment.if_exists == IfExists::resume)
    refuse_to_leave_replay(run_folder(config));
  return start;
}

void check_outstanding(const Config& config, const RunState& state) {
  const char* const setting = keeps_by_shard(config)                        ? "parallel.data = \"by_shard\""
                              : spreads_history(config)                     ? "parallel.spread_history = true"
                              : config.text("failure.evaluation") == "drop" ? "failure.evaluation = \"drop\""
                                                                            : nullptr;
  if (state.outstanding.count() == 0 || setting == nullptr) return;
  throw UsageError(
      fmt::format("{}: {} points of earlier rounds are outstanding (failure.quorum), which does "
                  "not go with it",
                  setting, state.outstanding.count()));
}

}  // namespace optex::app
