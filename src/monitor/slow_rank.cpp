#include "optex/monitor/slow_rank.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr int rounds_a_look = 10;
constexpr double least_busy_seconds = 0.5;  // shorter times are those of the scheduler
constexpr double slow_factor = 4.0;

/// The median of what the others took; 0 when none of them computed.
double usual(const std::vector<double>& taken, std::size_t but) {
  std::vector<double> others;
  for (std::size_t r = 0; r < taken.size(); ++r)
    if (r != but && taken[r] > 0.0) others.push_back(taken[r]);
  if (others.empty()) return 0.0;
  const auto middle = others.begin() + std::ssize(others) / 2;
  std::nth_element(others.begin(), middle, others.end());
  return *middle;
}

}  // namespace

void SlowRank::on_iteration(const RunState&, const IterationReport&) {
  if (++rounds_ < rounds_a_look) return;
  const std::vector<double> now = busy_seconds_();
  if (now.size() < 2) return;
  before_.resize(now.size(), 0.0);
  std::vector<double> taken(now.size());
  for (std::size_t r = 0; r < now.size(); ++r) taken[r] = now[r] - before_[r];
  if (*std::max_element(taken.begin(), taken.end()) < least_busy_seconds) return;
  std::set<std::size_t> slow;
  for (std::size_t r = 0; r < taken.size(); ++r) {
    const double other = usual(taken, r);
    if (!(other > 0.0) || taken[r] < slow_factor * other) continue;
    slow.insert(r);
    if (!suspected_.contains(r) || !said_.insert(r).second) continue;
    say_(fmt::format(
        "slow rank: rank {}{} computed {:.3g} times as long as the others in the last {} rounds, and every "
        "round waits for it; look at what else runs on its node, or leave it out",
        r, r < hosts_.size() ? fmt::format(" on {}", hosts_[r]) : "", taken[r] / other, rounds_));
  }
  suspected_ = std::move(slow);
  before_ = now;
  rounds_ = 0;
}

}  // namespace optex
