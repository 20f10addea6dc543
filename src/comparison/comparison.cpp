#include "optex/comparison/comparison.hpp"

#include "optex/comparison/break_even.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// Those that reached it, best first. The ideal takes no part.
std::vector<Place> ranking(const Comparison& comparison, double target, Cost cost) {
  std::vector<Place> places;
  for (const Contender& contender : comparison.contenders)
    if (!contender.ideal) places.push_back({contender.label, reach_of(contender, target).of(cost)});
  return ranked(std::move(places));
}

void add_break_even(const Comparison& comparison, const std::vector<Place>& by_rounds, Judgement& verdict) {
  std::vector<RoundsOf> ways;
  for (const Place& place : by_rounds)
    for (const Contender& contender : comparison.contenders)
      if (contender.label == place.label)
        ways.push_back({place.label, place.cost.median, contender.points, comparison.ranks});
  if (const std::string line = break_even_of(ways); !line.empty()) verdict.lines.push_back(line);
}

}  // namespace

Reach reach_of(const Contender& contender, double target) {
  std::vector<const CurvePoint*> firsts;
  for (const RunRecord& run : contender.runs) firsts.push_back(first_at(run, target));
  return reach_of(firsts);
}

bool is_met_at_start(const Comparison& comparison, double target) {
  return std::any_of(comparison.contenders.begin(), comparison.contenders.end(),
                     [&](const Contender& contender) { return reach_of(contender, target).is_at_start(); });
}

double smallest_value(const Contender& contender) {
  double smallest = never;
  for (const RunRecord& run : contender.runs) smallest = std::min(smallest, smallest_value(run));
  return smallest;
}

Judgement verdict_on(const Comparison& comparison) {
  Judgement verdict;
  const auto ranks = [&](double target, Cost cost) { return ranking(comparison, target, cost); };
  std::size_t most = 1;
  for (const double target : comparison.targets) most = std::max(most, ranks(target, Cost::rounds).size());
  const auto tightest = [&](std::size_t least) {
    return std::find_if(comparison.targets.rbegin(), comparison.targets.rend(),
                        [&](double target) { return ranks(target, Cost::rounds).size() >= least; });
  };
  // Who came furthest must not hide who was faster on the way: where most came comes first.
  for (const auto& target : {tightest(most), tightest(1)}) {
    if (target == comparison.targets.rend() || verdict.target == *target) continue;
    const std::string there = fmt::format("F <= {}", *target);
    verdict.target = *target;
    verdict.by_rounds = winners(ranks(*target, Cost::rounds));
    verdict.by_evaluations = winners(ranks(*target, Cost::gradients));
    verdict.by_seconds = winners(ranks(*target, Cost::wall));
    for (const Cost cost : all_costs)
      verdict.lines.push_back(verdict_line(ranks(*target, cost), cost, there));
    if (!comparison.noisy) add_break_even(comparison, ranks(*target, Cost::rounds), verdict);
  }
  if (verdict.target) return verdict;
  const auto at_start = std::count_if(comparison.targets.begin(), comparison.targets.end(),
                                      [&](double target) { return is_met_at_start(comparison, target); });
  if (at_start > 0 && at_start == std::ssize(comparison.targets)) {
    verdict.lines.emplace_back("Every target is met at the start: give lower ones");
    return verdict;
  }
  const std::string nobody =
      at_start > 0 ? "Nobody reached a target that is not met at the start" : "Nobody reached any target";
  const Contender* lowest = nullptr;
  for (const Contender& contender : comparison.contenders)
    if (!contender.ideal && (lowest == nullptr || smallest_value(contender) < smallest_value(*lowest)))
      lowest = &contender;
  verdict.lines.push_back(
      lowest == nullptr || !std::isfinite(smallest_value(*lowest))
          ? nobody
          : fmt::format("{}; {} came lowest, to F = {:.6g}", nobody, lowest->label, smallest_value(*lowest)));
  return verdict;
}

}  // namespace optex
