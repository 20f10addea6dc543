#include "replayed_arrivals.hpp"

#include "optex/core/errors.hpp"
#include "optex/monitor/provenance.hpp"
#include "optex/setup/contents.hpp"

#include <string>

#include <fmt/format.h>

namespace optex::app {
namespace {

constexpr const char* events_name = "events.jsonl";

}  // namespace

ArrivalLog read_replay(const std::filesystem::path& folder, const Config& config, const Problem& problem) {
  const std::filesystem::path stored = folder / "resolved.toml";
  std::error_code no_matter;
  if (!std::filesystem::exists(stored, no_matter))
    throw UsageError(
        fmt::format("--replay {}: not a run's folder (it holds no resolved.toml)", folder.string()));
  const Config replayed = read_config(stored);
  std::string differences = differences_in_numbers(
      replayed, contents_in_provenance(folder / "provenance.json"), config, content_hashes(config, problem));
  const double there = replayed.real("failure.quorum"), here = config.real("failure.quorum");
  if (there != here)
    differences += fmt::format("{}failure.quorum ({} there, {} here)", differences.empty() ? "" : ", ",
                               compact(there), compact(here));
  if (!differences.empty())
    throw UsageError(
        fmt::format("--replay {}: that run had other settings: {}", folder.string(), differences));
  ArrivalLog log = read_arrival_log(folder / events_name);
  if (log.rounds.empty())
    throw UsageError(fmt::format("--replay {}: {} tells of no round that was closed at a quorum",
                                 folder.string(), events_name));
  return log;
}

void refuse_to_leave_replay(const std::filesystem::path& folder) {
  const ArrivalLog log = read_arrival_log(folder / events_name);
  if (!log.replays.empty())
    throw UsageError(fmt::format("{}: this run replays {}; go on with --replay and that folder",
                                 folder.string(), log.replays));
}

}  // namespace optex::app
