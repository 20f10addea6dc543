#include "optex/report/report.hpp"

#include <algorithm>
#include <optional>

#include "escape.hpp"
#include "page_parts.hpp"
#include <fmt/format.h>

namespace optex::page {
namespace {

std::string times_text(const std::optional<double>& factor, bool is_reference) {
  if (!factor || is_reference) return {};
  const char* style = *factor >= 1.05 ? " faster" : *factor <= 0.95 ? " slower" : "";
  return fmt::format("<span class=\"times{}\">{:.3g}\u00d7</span>", style, *factor);
}

/// One group has nobody to be compared with: a row a target.
std::string lone_targets_section(const Report& report) {
  std::string rows;
  const std::size_t runs = report.groups.front().runs.size();
  const auto ranks = static_cast<double>(report.runs.front().ranks);
  for (const ReportTarget& target : report.targets) {
    const GroupReach& reach = target.groups.front();
    const std::string count = runs > 1 ? fmt::format("<td>{}/{}</td>", reach.reached, runs) : "";
    rows += fmt::format("<tr><td>F \u2264 {}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n",
                        number(target.value, 7), reach.rounds ? number(*reach.rounds) : "-",
                        reach.evaluations ? number(*reach.evaluations, 7) : "-",
                        reach.seconds ? duration(*reach.seconds) : "-",
                        reach.seconds && ranks > 0.0 ? duration(*reach.seconds * ranks) : "-", count);
  }
  return section(
      "targets", "What it took",
      escaped(fmt::format("Until F was first at or below a value: {}{}.", report.origin_of_targets,
                          runs > 1 ? "; medians over seeds" : "")),
      fmt::format(
          "<div class=\"scroll\"><table><tr><th></th><th>rounds</th><th>gradients</th><th>wall time</th>"
          "<th>rank time</th>{}</tr>\n{}</table></div>\n",
          runs > 1 ? "<th>reached</th>" : "", rows));
}

}  // namespace

std::string targets_section(const Report& report) {
  if (report.targets.empty()) return {};
  if (report.groups.size() == 1) return lone_targets_section(report);
  std::string tables;
  for (const ReportTarget& target : report.targets) {
    std::size_t best = report.groups.size();
    for (std::size_t g = 0; g < report.groups.size(); ++g) {
      const auto& rounds = target.groups[g].rounds;
      if (rounds && !report.groups[g].ideal &&
          (best == report.groups.size() || *rounds < *target.groups[best].rounds))
        best = g;
    }
    std::string rows;
    for (std::size_t g = 0; g < report.groups.size(); ++g) {
      const GroupReach& reach = target.groups[g];
      const bool base = g == report.reference;
      const auto cell = [](const std::optional<double>& x) { return x ? number(*x) : std::string("-"); };
      std::int64_t ranks = report.runs[report.groups[g].runs.front()].ranks;
      rows += fmt::format(
          "<tr{}><td>{}{}{}</td><td>{}{}</td><td>{}{}</td><td>{}{}</td><td>{}</td>{}</tr>\n",
          g == best ? " class=\"best\"" : "", dot(g), escaped(report.groups[g].label),
          report.groups[g].ideal ? " (ideal)" : "", cell(reach.rounds), times_text(reach.fewer_rounds, base),
          cell(reach.evaluations), times_text(reach.fewer_evaluations, base),
          (reach.seconds ? duration(*reach.seconds) : std::string("-")), times_text(reach.faster, base),
          reach.seconds && ranks > 0 ? duration(*reach.seconds * static_cast<double>(ranks)) : "-",
          report.groups[g].runs.size() > 1 || report.runs.size() > report.groups.size()
              ? fmt::format("<td>{}/{}</td>", reach.reached, report.groups[g].runs.size())
              : "");
    }
    tables += fmt::format(
        "<div><h3>To F \u2264 {}</h3><div "
        "class=\"scroll\"><table><tr><th></th><th>rounds</th><th>gradients</th>"
        "<th>wall time</th><th>rank time</th>{}</tr>\n{}</table></div></div>\n",
        number(target.value, 7), report.runs.size() > report.groups.size() ? "<th>reached</th>" : "", rows);
  }
  const bool noisy = std::any_of(report.runs.begin(), report.runs.end(),
                                 [](const auto& run) { return run.noisy && !run.of_comparison; });
  return section(
      "targets", "What it took",
      escaped(fmt::format(
          "Rounds, gradients and wall time until F was first at or below a value: {}{}{}{}",
          report.origin_of_targets,
          report.groups.size() > 1 ? ". Factors are against " + report.groups[report.reference].label : "",
          report.runs.size() > report.groups.size() ? "; medians over seeds" : "",
          noisy ? "; F is the mean over the last 20 rounds, because gradients are noisy." : ".")),
      "<div class=\"tables\">" + tables + "</div>");
}

}  // namespace optex::page
