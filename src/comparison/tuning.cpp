#include "optex/comparison/tuning.hpp"

#include "optex/comparison/standings.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace optex {
namespace {

/// Of targets: as many as people like to read, and more where F came down by little of its size.
int digits_for(double value, double fall) {
  if (!(std::abs(value) > 0.0) || !(fall > 0.0)) return 6;
  return std::clamp(static_cast<int>(std::ceil(std::log10(std::abs(value) / fall))) + 4, 6, 16);
}

}  // namespace

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
  const double start = run.curve.front().value;
  const int digits = digits_for(smallest_value(run), start - smallest_value(run));
  for (const std::int64_t quarters : {1, 2, 4}) {
    double smallest = std::numeric_limits<double>::infinity();
    for (const CurvePoint& point : run.curve)
      if (4 * point.round <= quarters * run.rounds) smallest = std::min(smallest, point.value);
    const double target = rounded_up(smallest, digits);
    const double above = targets.empty() ? start : targets.back();
    if (target < above) targets.push_back(target);
  }
  return targets;
}

}  // namespace optex
