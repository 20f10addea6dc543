#pragma once

#include "optex/evaluation/arrivals.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace optex {

/// What events.jsonl tells of rounds that were closed at a quorum.
struct ArrivalLog {
  std::map<std::int64_t, Arrivals> rounds;  ///< by Arrivals::iteration
  std::string replays;                      ///< the folder whose arrivals the run took over; or empty
};

/// Reads the events of a run. Where it was resumed from an earlier round, what came after that round before
/// does not count. Lines that are no events of this kind are passed over. No file, no rounds.
ArrivalLog read_arrival_log(const std::filesystem::path& file);

}  // namespace optex
