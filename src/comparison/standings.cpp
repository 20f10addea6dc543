#include "optex/comparison/standings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {

Spread spread_of(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  const double upper = numbers[middle];
  const double median = numbers.size() % 2 == 1 ? upper : 0.5 * (numbers[middle - 1] + upper);
  return {median, numbers.front(), numbers.back()};
}

std::string_view cost_name(Cost cost) {
  return cost == Cost::rounds ? "rounds" : cost == Cost::gradients ? "gradients" : "wall time";
}

const Spread& Reach::of(Cost cost) const {
  return cost == Cost::rounds ? rounds : cost == Cost::gradients ? evaluations : seconds;
}

Reach reach_of(const std::vector<const CurvePoint*>& firsts) {
  constexpr double never = std::numeric_limits<double>::infinity();
  Reach reach;
  if (firsts.empty()) return reach;
  std::vector<double> rounds, evaluations, seconds;
  for (const CurvePoint* const point : firsts) {
    if (point != nullptr) ++reach.reached;
    rounds.push_back(point == nullptr ? never : static_cast<double>(point->round));
    evaluations.push_back(point == nullptr ? never : static_cast<double>(point->evaluations));
    seconds.push_back(point == nullptr ? never : point->seconds);
  }
  reach.rounds = spread_of(std::move(rounds));
  reach.evaluations = spread_of(std::move(evaluations));
  reach.seconds = spread_of(std::move(seconds));
  return reach;
}

std::vector<Place> ranked(std::vector<Place> places) {
  std::erase_if(places, [](const Place& place) { return !std::isfinite(place.cost.median); });
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.cost.median < b.cost.median; });
  if (!places.empty() && places.front().cost.median == 0.0) places.clear();
  return places;
}

std::vector<std::string> winners(const std::vector<Place>& ranked) {
  std::vector<std::string> labels;
  for (const Place& place : ranked)
    if (place.cost.median == ranked.front().cost.median) labels.push_back(place.label);
  return labels;
}

std::string verdict_line(const std::vector<Place>& ranked, Cost cost, std::string_view target) {
  const std::string_view by = cost_name(cost), unit = cost == Cost::wall ? " s" : "";
  const std::vector<std::string> first = winners(ranked);
  const double best = ranked.front().cost.median;
  std::string text =
      first.size() == 1
          ? fmt::format("By {} to {}: {} wins with {:.4g}{}", by, target, first[0], best, unit)
          : fmt::format("By {} to {}: {} tie at {:.4g}{}", by, target, fmt::join(first, " and "), best, unit);
  if (first.size() == ranked.size()) return text + (first.size() == 1 ? "; nobody else came there" : "");
  const Place& next = ranked[first.size()];
  text += fmt::format("; next is {} with {:.4g}{}", next.label, next.cost.median, unit);
  if (best > 0) text += fmt::format(", {:.3g} times that", next.cost.median / best);
  if (next.cost.smallest <= ranked.front().cost.largest) text += " (their seeds overlap)";
  return text;
}

double rounded_up(double x, int digits) {
  if (!std::isfinite(x) || x == 0.0) return x;
  const double nearest = std::strtod(fmt::format("{:.{}e}", x, digits - 1).c_str(), nullptr);
  if (nearest >= x) return nearest;
  // One more in the last digit; the sum is written with as many digits again, so it is what is shown.
  const double step = std::pow(10.0, std::floor(std::log10(std::abs(x))) - digits + 1);
  return std::strtod(fmt::format("{:.{}e}", nearest + step, digits - 1).c_str(), nullptr);
}

}  // namespace optex
