#pragma once

#include "optex/driver/observer.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace optex {

/// Finds ranks that compute far slower than the others while a run goes, and names rank and host: one line a
/// rank. Every round waits for the slowest rank, and the work is dealt out evenly.
///
/// Looks at how long each rank computed since the last look, when the longest is half a second and ten rounds
/// have passed. A rank is slow when that is four times the median of the others that computed at all in two
/// looks running: shares of the work differ by one task, twice at most.
class SlowRank : public Observer {
 public:
  /// `busy_seconds`: how long each rank has computed since the launch, rank 0 first; may be empty. `hosts`:
  /// by rank. `say` takes each line.
  SlowRank(std::function<std::vector<double>()> busy_seconds, std::vector<std::string> hosts,
           std::function<void(const std::string&)> say)
      : busy_seconds_(std::move(busy_seconds)), hosts_(std::move(hosts)), say_(std::move(say)) {}

  void on_iteration(const RunState& run, const IterationReport& report) override;

 private:
  std::function<std::vector<double>()> busy_seconds_;
  std::vector<std::string> hosts_;
  std::function<void(const std::string&)> say_;
  int rounds_ = 0;              ///< since the last look
  std::vector<double> before_;  ///< at the last look
  std::set<std::size_t> suspected_, said_;
};

}  // namespace optex
