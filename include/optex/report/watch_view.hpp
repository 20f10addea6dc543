#pragma once

#include "optex/report/run_history.hpp"
#include "optex/report/run_status.hpp"
#include "optex/text/styled.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// A running job as its files tell it: nothing is asked of the job itself, so it may run anywhere.
struct RunSnapshot {
  std::string name;
  RunStatus status;
  double silent_seconds = 0.0;   ///< since its files changed
  std::vector<HistoryRow> rows;  ///< the last rounds, ascending
  HistoryBucket recent;          ///< what these rounds had in common
  std::optional<std::int64_t> stop_iterations, stop_evaluations;
  std::optional<double> stop_seconds, stop_value;
  std::int64_t parallelism = 0;
  bool computed_outside = false;  ///< its gradients: by the caller of minimize, or between ask and tell
};

/// Reads the end of a run's files; what is missing or half-written is left out. Cost: at most 1 MiB, however
/// long the run.
RunSnapshot take_snapshot(const std::filesystem::path& folder);

/// Several lines about one run: value, rate, time that is left, chain, phases, load by rank. `before`: an
/// earlier snapshot, so that the load is that of the time between.
std::vector<std::string> watch_lines(const RunSnapshot& now, const RunSnapshot* before,
                                     const TextStyle& style);

/// One line about one run, for lists and logs.
std::string watch_line(const RunSnapshot& now, const TextStyle& style);

/// Seconds until the first stop rule is met at the present rate; nothing when none of them tells.
std::optional<double> seconds_left(const RunSnapshot& now);

/// The numbers as one line of blocks of eight heights, on a logarithmic scale when all are positive.
std::string sparkline(const std::vector<double>& numbers, std::size_t width);

/// Cut to so many columns, our colours not counted: a longer line would wrap, and the next view not cover it.
std::string fitted(const std::string& line, const TextStyle& style);

}  // namespace optex
