#include "report_targets.hpp"

#include "optex/setup/value.hpp"
#include "optex/text/columns.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr int loosest_power = -1, tightest_power = -8;  // of gaps
constexpr int fewest_digits = 6, most_digits = 13;

Reach reach_of_group(const Report& report, const RunGroup& group, double target) {
  std::vector<const CurvePoint*> firsts;
  for (const std::size_t i : group.runs) firsts.push_back(first_at(report.runs[i].history, target));
  return reach_of(firsts);
}

std::vector<Reach> reach_of_all(const Report& report, double target) {
  std::vector<Reach> groups;
  for (const RunGroup& group : report.groups) groups.push_back(reach_of_group(report, group, target));
  return groups;
}

bool same_reach(const ReportTarget& a, const ReportTarget& b) {
  return std::equal(a.groups.begin(), a.groups.end(), b.groups.begin(), b.groups.end(),
                    [](const Reach& one, const Reach& other) {
                      return std::all_of(all_costs.begin(), all_costs.end(), [&](Cost cost) {
                        return one.reached == other.reached && one.of(cost).median == other.of(cost).median;
                      });
                    });
}

/// How many groups came there; the ideal takes no part.
std::size_t groups_at(const Report& report, double target) {
  return static_cast<std::size_t>(
      std::count_if(report.groups.begin(), report.groups.end(), [&](const RunGroup& group) {
        return !group.ideal && std::isfinite(reach_of_group(report, group, target).rounds.median);
      }));
}

/// The lowest F with which anybody began.
double lowest_start(const Report& report) {
  double lowest = never;
  for (const ReportedRun& run : report.runs) {
    if (run.history.improvements.empty()) continue;
    const double first = run.history.rows.empty() || run.noisy ? never : run.history.rows.front().value;
    lowest = std::min(lowest, std::isfinite(first) ? first : run.history.improvements.front().value);
  }
  return lowest;
}

/// The best F seen. A run that was told to stop at a value was not asked for less: one that overshot must not
/// seem to be the only one that came there.
struct Floor {
  double value = never;
  bool is_best = true;
};
Floor floor_of(const Report& report) {
  double best = never, loosest_end = -never;
  for (const ReportedRun& run : report.runs) {
    if (run.ideal || run.history.improvements.empty()) continue;
    const double lowest = run.history.improvements.back().value;
    best = std::min(best, lowest);
    if (run.status.reason == "value") loosest_end = std::max(loosest_end, lowest);
  }
  return {std::max(best, loosest_end), best >= loosest_end};
}

/// Powers of ten above the best F seen that somebody reached and nobody had at the start, descending.
std::vector<ReportTarget> gaps_of(const Report& report) {
  const auto [floor, is_best] = floor_of(report);
  const double start = lowest_start(report);
  std::vector<ReportTarget> targets;
  if (!std::isfinite(floor) || !std::isfinite(start) || !(start > floor)) return targets;
  const auto at = [floor = floor](int power) { return floor + std::pow(10.0, power); };
  int first = loosest_power, last = tightest_power;
  while (first >= last && at(first) >= start) --first;
  if (first < last) {  // all of F is smaller than that
    first = static_cast<int>(std::ceil(std::log10(start - floor))) - 1;
    last = first + tightest_power - loosest_power;
  }
  // Where not all come so near to the best, looser gaps tell more.
  const auto all = static_cast<std::size_t>(
      std::count_if(report.groups.begin(), report.groups.end(), [](const RunGroup& g) { return !g.ideal; }));
  while (groups_at(report, at(first)) < all && at(first + 1) < start) ++first;
  // As few digits as tell all of them apart; what the most do not tell apart is one target.
  const auto rounded = [&](int digits) {
    std::vector<std::pair<int, double>> values;
    for (int power = first; power >= last; --power) {
      const double value = rounded_up(at(power), digits);
      if (value < start && (values.empty() || value < values.back().second))
        values.emplace_back(power, value);
    }
    return values;
  };
  const std::size_t distinct = rounded(most_digits).size();
  int digits = fewest_digits;
  while (digits < most_digits && rounded(digits).size() < distinct) ++digits;
  for (const auto& [power, value] : rounded(digits)) {
    if (groups_at(report, value) == 0) continue;
    ReportTarget target{value, "F <= " + compact(value), std::nullopt, reach_of_all(report, value)};
    if (is_best) target.gap = std::pow(10.0, power);
    // Where a tighter one took nobody more, it says all.
    if (!targets.empty() && same_reach(targets.back(), target)) targets.pop_back();
    targets.push_back(std::move(target));
  }
  return targets;
}

/// That of all runs when they are of one comparison.
std::vector<double> targets_of_comparison(const Report& report) {
  std::vector<double> targets = report.runs.front().targets;
  for (const ReportedRun& run : report.runs)
    if (run.targets != targets) return {};
  return targets;
}

std::vector<ReportTarget> as_given(std::vector<double> values) {
  std::sort(values.begin(), values.end(), std::greater<>());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  // Those of an earlier build have all their digits: fewer are shown where they tell them apart.
  const auto shown = [](double value) {
    return compact(std::strtod(fmt::format("{:.8g}", value).c_str(), nullptr));
  };
  std::set<std::string> short_ones;
  for (const double value : values) short_ones.insert(shown(value));
  std::vector<ReportTarget> targets;
  for (const double value : values)
    targets.push_back(
        {value, "F <= " + (short_ones.size() == values.size() ? shown(value) : compact(value))});
  return targets;
}

/// "12", "3.2 s".
std::string cost_text(double cost, Cost by) {
  return std::isfinite(cost) ? fmt::format("{:.4g}{}", cost, by == Cost::wall ? " s" : "") : "-";
}

}  // namespace

void count_targets(Report& report, const std::vector<double>& asked) {
  const std::vector<double> of_comparison = targets_of_comparison(report);
  if (!asked.empty()) {
    report.targets = as_given(asked);
    report.origin_of_targets = "as asked for";
  } else if (!of_comparison.empty()) {
    report.targets = as_given(of_comparison);
    report.origin_of_targets = "the comparison's own";
  } else {
    report.targets = gaps_of(report);
    const Floor floor = floor_of(report);
    report.origin_of_targets =
        floor.is_best
            ? fmt::format("gaps to the best F seen, {:.8g}", floor.value)
            : fmt::format("down to {:.8g}, the highest F at which stop.value ended a run", floor.value);
  }
  for (ReportTarget& target : report.targets) target.groups = reach_of_all(report, target.value);
}

std::vector<Place> ranking(const Report& report, const ReportTarget& target, Cost cost) {
  std::vector<Place> places;
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    if (!report.groups[g].ideal) places.push_back({report.groups[g].label, target.groups[g].of(cost)});
  return ranked(std::move(places));
}

std::string ranking_text(const Report& report) {
  if (report.targets.empty()) return {};
  std::vector<std::vector<std::string>> rows(1, {fmt::format("{} to", cost_name(report.by))});
  for (const ReportTarget& target : report.targets) rows[0].push_back(target.text);
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < report.groups.size(); ++g) order.push_back(g);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    // By the tightest; whoever did not come there, by the next.
    for (auto target = report.targets.rbegin(); target != report.targets.rend(); ++target) {
      const double one = target->groups[a].of(report.by).median,
                   other = target->groups[b].of(report.by).median;
      if (one != other) return one < other;
    }
    return false;
  });
  for (const std::size_t g : order) {
    rows.push_back({report.groups[g].label + (report.groups[g].ideal ? " (ideal)" : "")});
    for (const ReportTarget& target : report.targets)
      rows.back().push_back(target.groups[g].is_at_start()
                                ? "at the start"
                                : cost_text(target.groups[g].of(report.by).median, report.by));
  }
  return in_columns(rows, 1);
}

}  // namespace optex
