#include "optex/comparison/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

struct Place {
  std::string label;
  Spread spread;
};

/// Those that reached it, best first. The ideal takes no part.
std::vector<Place> ranking(const Comparison& comparison,
                           const std::function<Spread(const Contender&)>& cost) {
  std::vector<Place> places;
  for (const Contender& contender : comparison.contenders)
    if (!contender.ideal) places.push_back({contender.label, cost(contender)});
  std::erase_if(places, [](const Place& place) { return !std::isfinite(place.spread.median); });
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.spread.median < b.spread.median; });
  return places;
}

std::vector<std::string> winners(const std::vector<Place>& places) {
  std::vector<std::string> labels;
  for (const Place& place : places)
    if (place.spread.median == places.front().spread.median) labels.push_back(place.label);
  return labels;
}

std::string line_about(const std::vector<Place>& places, std::string_view by, double target,
                       std::string_view unit) {
  const std::vector<std::string> first = winners(places);
  const double best = places.front().spread.median;
  std::string text = first.size() == 1 ? fmt::format("By {} to F <= {:.6g}: {} wins with {:.4g}{}", by,
                                                     target, first[0], best, unit)
                                       : fmt::format("By {} to F <= {:.6g}: {} tie at {:.4g}{}", by, target,
                                                     fmt::join(first, " and "), best, unit);
  if (first.size() == places.size()) return text + (first.size() == 1 ? "; nobody else came there" : "");
  const Place& next = places[first.size()];
  text += fmt::format("; next is {} with {:.4g}{}", next.label, next.spread.median, unit);
  if (best > 0) text += fmt::format(", {:.3g} times that", next.spread.median / best);
  if (next.spread.smallest <= places.front().spread.largest) text += " (their seeds overlap)";
  return text;
}

}  // namespace

Spread spread_of(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  const double upper = numbers[middle];
  const double median = numbers.size() % 2 == 1 ? upper : 0.5 * (numbers[middle - 1] + upper);
  return {median, numbers.front(), numbers.back()};
}

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
  for (auto target = comparison.targets.rbegin(); target != comparison.targets.rend(); ++target) {
    const auto by_rounds =
        ranking(comparison, [&](const Contender& c) { return reach_of(c, *target).rounds; });
    if (by_rounds.empty()) continue;
    const auto by_seconds =
        ranking(comparison, [&](const Contender& c) { return reach_of(c, *target).seconds; });
    verdict.target = *target;
    verdict.by_rounds = winners(by_rounds);
    verdict.by_seconds = winners(by_seconds);
    verdict.lines.push_back(line_about(by_rounds, "rounds", *target, ""));
    verdict.lines.push_back(line_about(by_seconds, "wall time", *target, " s"));
    return verdict;
  }
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
