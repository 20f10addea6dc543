#include "optex/comparison/comparison.hpp"

#include "optex/comparison/break_even.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// Those that reached it, best first. The ideal takes no part.
std::vector<Place> ranking(const Comparison& comparison,
                           const std::function<Spread(const Contender&)>& cost) {
  std::vector<Place> places;
  for (const Contender& contender : comparison.contenders)
    if (!contender.ideal) places.push_back({contender.label, cost(contender)});
  return ranked(std::move(places));
}

/// Of the fewest rounds with several gradients side by side and the fewest with one: on the ranks that there
/// are, or, where there is one, on as many as there are points.
void add_break_even(const Comparison& comparison, const std::vector<Place>& by_rounds, Judgement& verdict) {
  std::optional<RoundsOf> many, one;
  for (const Place& place : by_rounds)
    for (const Contender& contender : comparison.contenders) {
      if (contender.label != place.label) continue;
      std::optional<RoundsOf>& best = contender.points > 1 ? many : one;
      if (!best) best = RoundsOf{place.label, place.cost.median, contender.points};
    }
  if (!many || !one) return;
  const int ranks = comparison.ranks > 1 ? comparison.ranks : static_cast<int>(many->points);
  verdict.lines.push_back(break_even_line(*many, *one, ranks));
}

}  // namespace

Reach reach_of(const Contender& contender, double target) {
  Reach reach;
  std::vector<double> rounds, evaluations, seconds;
  for (const RunRecord& run : contender.runs) {
    const CurvePoint* const point = first_at(run, target);
    if (point != nullptr) ++reach.reached;
    rounds.push_back(point == nullptr ? never : static_cast<double>(point->round));
    evaluations.push_back(point == nullptr ? never : static_cast<double>(point->evaluations));
    seconds.push_back(point == nullptr ? never : point->seconds);
  }
  if (contender.runs.empty()) return reach;
  reach.rounds = spread_of(std::move(rounds));
  reach.evaluations = spread_of(std::move(evaluations));
  reach.seconds = spread_of(std::move(seconds));
  return reach;
}

double smallest_value(const Contender& contender) {
  double smallest = never;
  for (const RunRecord& run : contender.runs) smallest = std::min(smallest, smallest_value(run));
  return smallest;
}

Judgement verdict_on(const Comparison& comparison) {
  Judgement verdict;
  const auto ranks = [&](double target, Spread Reach::*cost) {
    return ranking(comparison, [&](const Contender& c) { return reach_of(c, target).*cost; });
  };
  std::size_t most = 1;
  for (const double target : comparison.targets) most = std::max(most, ranks(target, &Reach::rounds).size());
  const auto tightest = [&](std::size_t least) {
    return std::find_if(comparison.targets.rbegin(), comparison.targets.rend(),
                        [&](double target) { return ranks(target, &Reach::rounds).size() >= least; });
  };
  // Who came furthest must not hide who was faster on the way: where most came comes first.
  for (const auto& target : {tightest(most), tightest(1)}) {
    if (target == comparison.targets.rend() || verdict.target == *target) continue;
    const std::string there = fmt::format("F <= {}", *target);
    const auto by_rounds = ranks(*target, &Reach::rounds);
    const auto by_evaluations = ranks(*target, &Reach::evaluations);
    const auto by_seconds = ranks(*target, &Reach::seconds);
    verdict.target = *target;
    verdict.by_rounds = winners(by_rounds);
    verdict.by_evaluations = winners(by_evaluations);
    verdict.by_seconds = winners(by_seconds);
    verdict.lines.push_back(verdict_line(by_rounds, "rounds", there, ""));
    verdict.lines.push_back(verdict_line(by_evaluations, "gradients", there, ""));
    verdict.lines.push_back(verdict_line(by_seconds, "wall time", there, " s"));
    if (!comparison.noisy) add_break_even(comparison, by_rounds, verdict);
  }
  if (verdict.target) return verdict;
  const Contender* lowest = nullptr;
  for (const Contender& contender : comparison.contenders)
    if (!contender.ideal && (lowest == nullptr || smallest_value(contender) < smallest_value(*lowest)))
      lowest = &contender;
  verdict.lines.push_back(lowest == nullptr || !std::isfinite(smallest_value(*lowest))
                              ? "Nobody reached any target"
                              : fmt::format("Nobody reached any target; {} came lowest, to F = {:.6g}",
                                            lowest->label, smallest_value(*lowest)));
  return verdict;
}

}  // namespace optex
