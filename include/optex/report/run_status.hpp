#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace optex {

/// How much of the last launch each rank computed.
struct RankLoad {
  double seconds = 0.0;       ///< wall time of the rounds since the launch
  std::vector<double> busy;   ///< by rank; empty when the run did not tell
  double busy_hours() const;  ///< rank-hours computing
  double idle_hours() const;  ///< rank-hours waiting
};

/// What status.json says about a run. Numbers that are not known are NaN.
struct RunStatus {
  std::string state;  ///< "running", "finished", "stopped", "failed"; "waiting" when there is no file yet,
                      ///< "unknown" when it cannot be read
  std::string reason;
  std::string message;
  std::string rule;  ///< the update rule that was chosen and why; empty when it was asked for
  std::int64_t iteration = 0;
  std::int64_t evaluations = 0;
  double value = std::numeric_limits<double>::quiet_NaN();
  double best_value = std::numeric_limits<double>::quiet_NaN();
  double final_value = std::numeric_limits<double>::quiet_NaN();
  double seconds = 0.0;
  int exit_code = -1;  ///< -1 while it is not known
  std::vector<std::pair<std::string, double>> measures;
  RankLoad load;
  std::string started, updated;  ///< UTC, as written
  std::string host;
  std::int64_t pid = 0;  ///< 0: none stays, as between two calls of `optex ask`

  /// The value to show: at the answer, the best one or the last one, whichever is known first.
  double answer() const;
  /// NaN when there is none of that name.
  double measure(const std::string& name) const;
  /// Adds the names of those that are not there yet.
  void add_measure_names(std::vector<std::string>& names) const;
  /// "running", but its process, which was one of this host, is gone: killed, or crashed.
  bool ended_without_word() const;
  /// It goes on when somebody asks for points and tells what they gave.
  bool is_asked() const { return state == "running" && pid == 0 && !host.empty(); }
};

/// Of a run's folder, whatever is or is not in it. Does not throw for what a file holds.
RunStatus read_run_status(const std::filesystem::path& folder);

}  // namespace optex
