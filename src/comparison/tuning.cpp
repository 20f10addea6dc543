#include "optex/comparison/tuning.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace optex {

std::vector<double> learning_rate_grid(double centre) {
  std::vector<double> rates{centre};
  for (const double factor : {2.0, 4.0, 8.0}) {
    rates.push_back(centre * factor);
    rates.push_back(centre / factor);
  }
  return rates;
}

std::optional<std::int64_t> fewest_rounds(const std::vector<RunRecord>& runs, double target) {
  std::optional<std::int64_t> fewest;
  for (const RunRecord& run : runs) {
    const CurvePoint* const point = first_at(run, target);
    if (point != nullptr && (!fewest || point->round < *fewest)) fewest = point->round;
  }
  return fewest;
}

std::size_t best_run(const std::vector<RunRecord>& runs, const std::vector<double>& targets) {
  const auto reached = std::find_if(targets.rbegin(), targets.rend(),
                                    [&](double target) { return fewest_rounds(runs, target).has_value(); });
  const auto rank = [&](const RunRecord& run) {
    std::int64_t rounds = 0;
    if (reached != targets.rend()) {
      const CurvePoint* const point = first_at(run, *reached);
      rounds = point == nullptr ? std::numeric_limits<std::int64_t>::max() : point->round;
    }
    return std::tuple(rounds, final_value(run));
  };
  const auto best = std::min_element(
      runs.begin(), runs.end(), [&](const RunRecord& a, const RunRecord& b) { return rank(a) < rank(b); });
  return static_cast<std::size_t>(best - runs.begin());
}

std::vector<double> targets_from(const RunRecord& run) {
  std::vector<double> targets;
  if (run.curve.empty()) return targets;
  for (const std::int64_t quarters : {1, 2, 4}) {
    double smallest = std::numeric_limits<double>::infinity();
    for (const CurvePoint& point : run.curve)
      if (4 * point.round <= quarters * run.rounds) smallest = std::min(smallest, point.value);
    const double above = targets.empty() ? run.curve.front().value : targets.back();
    if (smallest < above) targets.push_back(smallest);
  }
  return targets;
}

}  // namespace optex
