#include "optex/report/report.hpp"
#include "optex/setup/value.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "escape.hpp"
#include "page_parts.hpp"
#include <fmt/format.h>

namespace optex::page {
namespace {

std::string amount(double cost, Cost of) {
  return !std::isfinite(cost) ? "-" : of == Cost::wall ? duration(cost) : number(cost, 7);
}

std::string times_text(double factor) {
  return factor < 1000.0 ? fmt::format("{:.3g}\u00d7", factor) : fmt::format("{:.0f}\u00d7", factor);
}

/// The best of a column in bold, the others with how many times that they took.
std::string cost_cell(double cost, Cost of, double best) {
  if (!std::isfinite(cost)) return "<td>-</td>";
  if (cost == best) return fmt::format("<td class=\"best\"><b>{}</b></td>", amount(cost, of));
  return fmt::format("<td>{}{}</td>", amount(cost, of),
                     best > 0.0 ? "<span class=\"times\">" + times_text(cost / best) + "</span>" : "");
}

std::string heading_of(const ReportTarget& target) {
  const std::string value = "F \u2264 " + target.text.substr(target.text.find("<=") + 3);
  const bool at_start = std::any_of(target.groups.begin(), target.groups.end(),
                                    [](const Reach& reach) { return reach.is_at_start(); });
  if (at_start) return value + " <small>met at the start</small>";
  return target.gap ? fmt::format("{} <small>best + {}</small>", value, compact(*target.gap)) : value;
}

bool shows_seeds(const Report& report) { return report.runs.size() > report.groups.size(); }

/// Where all have as many ranks it is the wall time again.
bool shows_rank_time(const Report& report) {
  return std::any_of(report.runs.begin(), report.runs.end(),
                     [&](const ReportedRun& run) { return run.ranks != report.runs.front().ranks; });
}

std::string rank_time(const Report& report, std::size_t group, double seconds) {
  const std::int64_t ranks = report.runs[report.groups[group].runs.front()].ranks;
  return std::isfinite(seconds) && ranks > 0 ? duration(seconds * static_cast<double>(ranks)) : "-";
}

/// One group has nobody to be compared with: a row a target.
std::string lone_table(const Report& report) {
  std::string rows;
  const std::size_t runs = report.groups.front().runs.size();
  for (const ReportTarget& target : report.targets) {
    const Reach& reach = target.groups.front();
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n",
                        heading_of(target), amount(reach.rounds.median, Cost::rounds),
                        amount(reach.evaluations.median, Cost::gradients),
                        amount(reach.seconds.median, Cost::wall), rank_time(report, 0, reach.seconds.median),
                        runs > 1 ? fmt::format("<td>{}/{}</td>", reach.reached, runs) : "");
  }
  return table("What it took", fmt::format("<tr><th></th><th>rounds</th><th>gradients</th><th>wall time</th>"
                                           "<th>rank time</th>{}</tr>\n{}",
                                           runs > 1 ? "<th>reached</th>" : "", rows));
}

std::string table_of(const Report& report, const ReportTarget& target) {
  std::array<double, all_costs.size()> best{};
  for (std::size_t c = 0; c < all_costs.size(); ++c) {
    const auto places = ranking(report, target, all_costs[c]);
    best[c] = places.empty() ? 0.0 : places.front().cost.median;
  }
  const std::vector<Place> places = ranking(report, target, report.by);
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < report.groups.size(); ++g) order.push_back(g);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return target.groups[a].of(report.by).median < target.groups[b].of(report.by).median;
  });
  std::string rows;
  for (const std::size_t g : order) {
    const Reach& reach = target.groups[g];
    const double own = reach.of(report.by).median;
    // Those that tie share their place.
    const auto better = std::count_if(places.begin(), places.end(),
                                      [&](const Place& place) { return place.cost.median < own; });
    const bool placed = std::isfinite(own) && !report.groups[g].ideal;
    rows += fmt::format("<tr><td>{}</td><td class=\"text\">{}{}{}</td>",
                        placed ? std::to_string(better + 1) : "-", dot(g), escaped(report.groups[g].label),
                        report.groups[g].ideal ? " (ideal)" : "");
    for (std::size_t c = 0; c < all_costs.size(); ++c)
      rows += cost_cell(reach.of(all_costs[c]).median, all_costs[c], report.groups[g].ideal ? -1.0 : best[c]);
    if (shows_rank_time(report))
      rows += fmt::format("<td>{}</td>", rank_time(report, g, reach.seconds.median));
    rows += fmt::format("{}</tr>\n", shows_seeds(report) ? fmt::format("<td>{}/{}</td>", reach.reached,
                                                                       report.groups[g].runs.size())
                                                         : "");
  }
  return fmt::format(
      "<div><h3>To {}</h3>{}</div>", heading_of(target),
      table(target.text,
            fmt::format(
                "<tr><th></th><th></th><th>rounds</th><th>gradients</th><th>wall time</th>{}{}</tr>\n{}",
                shows_rank_time(report) ? "<th>rank time</th>" : "",
                shows_seeds(report) ? "<th>reached</th>" : "", rows)));
}

}  // namespace

std::string targets_section(const Report& report) {
  if (report.targets.empty()) return {};
  const bool alone = report.groups.size() == 1;
  std::string tables;
  if (alone)
    tables = lone_table(report);
  else
    for (const ReportTarget& target : report.targets) tables += table_of(report, target);
  const bool noisy = std::any_of(report.runs.begin(), report.runs.end(),
                                 [](const auto& run) { return run.noisy && !run.of_comparison; });
  return section(
      "targets", "What it took",
      escaped(fmt::format(
          "Rounds, gradients and wall time until F was first at or below a value: {}{}{}{}",
          report.origin_of_targets,
          alone ? ""
                : fmt::format(". The best of each column is bold, factors say how many times that the others "
                              "took; rows are sorted by {}, ties share their place",
                              cost_name(report.by)),
          shows_seeds(report) ? "; medians over seeds" : "",
          noisy ? "; F is the mean over the last 20 rounds, because gradients are noisy." : ".")),
      alone ? tables : "<div class=\"tables\">" + tables + "</div>");
}

}  // namespace optex::page
