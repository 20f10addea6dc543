#include "optex/monitor/arrival_log.hpp"

#include "optex/files/reading.hpp"

#include <vector>

#include "arrival_event.hpp"
#include "json.hpp"
#include <fcntl.h>

namespace optex {
namespace {

Arrivals arrivals_in(const Json& line) {
  Arrivals arrivals;
  arrivals.iteration = line.at("round").get<std::int64_t>() - 1;
  arrivals.submitted = line.at("points").get<Index>();
  arrivals.arrived = line.at("arrived").get<std::vector<std::int32_t>>();
  const auto names_in = [&](const char* key) {
    std::vector<PointName> names;
    for (const Json& name : line.at(key))
      names.push_back({name.at(0).get<std::int64_t>() - 1, name.at(1).get<std::int32_t>()});
    return names;
  };
  arrivals.late = names_in("late");
  arrivals.failed = names_in("failed");
  return arrivals;
}

}  // namespace

ArrivalLog read_arrival_log(const std::filesystem::path& file) {
  ArrivalLog log;
  const files::Place place(file);
  if (!place.exists()) return log;
  files::LineReader lines(place.open(O_RDONLY));
  for (std::string text; lines.next(text);) {
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object() || !line.contains("kind") || !line["kind"].is_string()) continue;
    try {
      if (line["kind"] == replay_kind) log.replays = line.at("text").get<std::string>();
      if (line["kind"] != quorum_kind) continue;
      Arrivals arrivals = arrivals_in(line);
      log.rounds.erase(log.rounds.lower_bound(arrivals.iteration), log.rounds.end());
      log.rounds.emplace(arrivals.iteration, std::move(arrivals));
    } catch (const Json::exception&) {
      continue;  // its round is missing then, and whoever needs it says so
    }
  }
  return log;
}

}  // namespace optex
