#include "optex/build_info.hpp"
#include "optex/report/pages.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "chart_bundle.hpp"
#include "escape.hpp"
#include "page_data.hpp"
#include "page_parts.hpp"
#include "page_style.hpp"
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::array<const char*, phase_names.size()> phase_colours = {
    "#7c5cd6", "#c2417c", "#1e9e6a", "#b8c0c8", "#e8710a", "#b08c00", "#12a1b8"};
constexpr std::array<const char*, phase_names.size()> phase_meanings = {
    "fitting the model",
    "predicting and stepping along the chain",
    "rank 0 computing gradients",
    "rank 0 waiting for other ranks",
    "history and acceptance",
    "checkpoints and other files",
    "measuring the answer's quality"};
constexpr const char* other_colour = "#7f8790";
constexpr std::size_t most_details = 40;  // runs with their configuration and provenance in full

std::string card(const std::string& number_text, const std::string& what, const std::string& style = "") {
  return fmt::format("<div class=\"card\"><b{}>{}</b><span>{}</span></div>",
                     style.empty() ? "" : " class=\"" + style + "\"", number_text, what);
}

std::string cards_of(const ReportedRun& run) {
  const bool busy = !run.status.load.busy.empty();
  std::string cards =
      card(escaped(run.status.state) + (run.status.reason.empty() ? "" : ": " + escaped(run.status.reason)),
           "how it ended", "state-" + escaped(run.status.state));
  cards += card(page::number(run.status.answer(), 5),
                std::isfinite(run.status.final_value) ? "final value" : "best value so far");
  for (const auto& [name, value] : run.status.measures) cards += card(page::number(value), escaped(name));
  cards += card(page::with_blanks(run.history.rounds), "rounds");
  cards +=
      card(page::with_blanks(std::max(run.status.evaluations, run.history.last.evaluations)), "gradients");
  cards += card(page::duration(std::max(run.status.seconds, run.history.last.seconds)), "wall time");
  if (run.ranks > 0) cards += card(std::to_string(run.ranks), run.ranks == 1 ? "rank" : "ranks");
  if (busy) {
    const double all = run.status.load.busy_hours() + run.status.load.idle_hours();
    cards += card(fmt::format("{:.0f} %", all > 0.0 ? 100.0 * run.status.load.busy_hours() / all : 0.0),
                  fmt::format("of {} rank time computing", page::duration(3600.0 * all)));
  }
  return "<div class=\"cards\">" + cards + "</div>\n";
}

std::string findings_section(const Report& report) {
  if (report.findings.empty()) return {};
  std::string items;
  for (const std::string& finding : report.findings) items += fmt::format("<li>{}</li>\n", escaped(finding));
  return page::section("findings", "What there is to see", "",
                       fmt::format("<ul class=\"findings\">{}</ul>\n", items));
}

std::string progress_section(const Report& report) {
  std::string pictures;
  for (const auto& [name, chart] : report_charts(report))
    pictures += fmt::format("<div>{}</div>\n", svg_chart(chart));
  return page::section(
      "progress", "Progress", "",
      fmt::format(
          "<div class=\"interactive progress\"><div class=\"controls\" id=\"progress-controls\"></div>"
          "<div class=\"chart tall\" id=\"progress-chart\"></div></div>\n"
          "<div class=\"still\">\n{}</div>\n",
          pictures));
}

std::string runs_section(const Report& report) {
  std::vector<std::string> measures;
  for (const ReportedRun& run : report.runs) run.status.add_measure_names(measures);
  std::string header, rows;
  for (const std::string& name : measures) header += fmt::format("<th>{}</th>", escaped(name));
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    for (const std::size_t i : report.groups[g].runs) {
      const ReportedRun& run = report.runs[i];
      std::string cells;
      for (const std::string& name : measures)
        cells += fmt::format("<td>{}</td>", page::number(run.status.measure(name)));
      const bool busy = !run.status.load.busy.empty();
      rows += fmt::format(
          "<tr><td>{}{}</td><td class=\"text "
          "state-{}\">{}{}</td><td>{}</td>{}<td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
          "<td>{}</td><td>{}</td></tr>\n",
          page::dot(g), escaped(run.label), escaped(run.status.state), escaped(run.status.state),
          run.status.reason.empty() ? "" : " (" + escaped(run.status.reason) + ")",
          page::number(run.status.answer(), 7), cells,
          page::with_blanks(std::max(run.status.iteration, run.history.last.round)),
          page::with_blanks(std::max(run.status.evaluations, run.history.last.evaluations)),
          page::duration(std::max(run.status.seconds, run.history.last.seconds)),
          run.ranks > 0 ? std::to_string(run.ranks) : "-",
          busy ? page::duration(3600.0 * run.status.load.busy_hours()) : "-",
          busy ? page::duration(3600.0 * run.status.load.idle_hours()) : "-");
    }
  return page::section(
      "runs", "Runs", "",
      page::table("Runs",
                  fmt::format("<tr><th></th><th class=\"text\">state</th><th>value</th>{}<th>rounds</th>"
                              "<th>gradients</th><th>wall time</th><th>ranks</th><th>ranks busy</th>"
                              "<th>ranks idle</th></tr>\n{}",
                              header, rows)));
}

std::string chain_section(const Report& report) {
  std::string rows;
  std::size_t deepest = 0;
  for (const ReportedRun& run : report.runs) deepest = std::max(deepest, run.history.total.log_error.size());
  if (deepest < 2) return {};
  const std::vector<std::size_t> depths = [&] {
    std::vector<std::size_t> list{1};  // the first prediction, some between, the deepest
    const std::size_t step = (deepest + 4) / 6;
    for (std::size_t depth = 1 + step; depth + step < deepest; depth += step) list.push_back(depth);
    if (list.back() != deepest - 1) list.push_back(deepest - 1);
    return list;
  }();
  std::string header;
  for (const std::size_t depth : depths)
    header += fmt::format("<th>error, depth {}</th>", depth_class_text(depth));
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    for (const std::size_t i : report.groups[g].runs) {
      const HistoryBucket& total = report.runs[i].history.total;
      if (total.log_error.size() < 2) continue;
      std::string cells;
      for (const std::size_t depth : depths) {
        const double error = depth < total.log_error.size() ? total.log_error[depth].value() : std::nan("");
        cells += fmt::format(
            "<td>{}</td>",
            std::isfinite(error) ? fmt::format("{} %", page::number(100.0 * std::pow(10.0, error), 3)) : "-");
      }
      rows += fmt::format("<tr><td>{}{}</td><td>{}</td><td>{}</td>{}<td>{}</td><td>{}</td></tr>\n",
                          page::dot(g), escaped(report.runs[i].label),
                          page::number(total.accepted.value(), 3), page::number(total.reach.value(), 3),
                          cells, page::number(std::pow(10.0, total.log_lengthscale.value()), 3),
                          page::number(std::pow(10.0, total.log_nugget.value()), 2));
    }
  return page::section(
      "chain", "What the predictions were worth",
      "A round takes steps on predicted gradients and checks each point with its true one. Error: how far "
      "the prediction at that depth of the chain was from the truth, relative to the truth (geometric mean). "
      "Accepted: optimizer steps that a round took. Reach: how deep the chain went.",
      page::table("Predictions",
                  fmt::format("<tr><th></th><th>accepted</th><th>reach</th>{}<th>lengthscale</th>"
                              "<th>nugget</th></tr>\n{}",
                              header, rows)) +
          "<div class=\"interactive\"><div class=\"controls\" id=\"chain-controls\"></div>"
          "<div class=\"chart medium\" id=\"error-chart\"></div>"
          "<div class=\"chart low\" id=\"accepted-chart\"></div>"
          "<div class=\"chart low\" id=\"model-chart\"></div></div>\n");
}

std::string time_section(const Report& report) {
  std::string rows, keys;
  for (std::size_t p = 0; p < phase_names.size(); ++p)
    keys += fmt::format("<span title=\"{2}\"><i style=\"background:{0}\"></i>{1}: {2}</span>",
                        phase_colours[p], phase_names[p], phase_meanings[p]);
  keys += fmt::format("<span><i style=\"background:{}\"></i>other</span>", other_colour);
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    for (const std::size_t i : report.groups[g].runs) {
      const ReportedRun& run = report.runs[i];
      const HistoryBucket& total = run.history.total;
      if (run.of_comparison || total.seconds <= 0.0) continue;
      std::string bar, cells;
      double sum = 0.0;
      for (std::size_t p = 0; p < phase_names.size(); ++p) {
        const double share = std::clamp(total.phases[p] / total.seconds, 0.0, 1.0);
        sum += share;
        bar += fmt::format("<i style=\"width:{:.2f}%;background:{}\" title=\"{} {:.1f} %\"></i>",
                           100.0 * share, phase_colours[p], phase_names[p], 100.0 * share);
        if (phase_names[p] != "quality") cells += fmt::format("<td>{:.0f} %</td>", 100.0 * share);
      }
      bar += fmt::format("<i style=\"width:{:.2f}%;background:{}\" title=\"other\"></i>",
                         100.0 * std::max(0.0, 1.0 - sum), other_colour);
      rows += fmt::format(
          "<tr><td>{}{}</td><td class=\"text\"><div class=\"bar\">{}</div></td>{}<td>{}</td></tr>\n",
          page::dot(g), escaped(run.label), bar, cells, page::duration(total.seconds));
    }
  if (rows.empty()) return {};
  std::string header;
  for (const std::string_view name : phase_names)
    if (name != "quality") header += fmt::format("<th>{}</th>", name);
  return page::section(
      "time", "Where the time went", "Wall time of rank 0 by phase. Ranks that wait use no processor time.",
      fmt::format("{}<div class=\"keys\">{}</div>\n<div class=\"interactive\"><div class=\"controls\" "
                  "id=\"time-controls\"></div><div class=\"chart medium\" id=\"phase-chart\"></div><div "
                  "class=\"chart low\" id=\"rank-chart\"></div></div>\n",
                  page::table("Where the time went",
                              fmt::format("<tr><th></th><th></th>{}<th>in all</th></tr>\n{}", header, rows)),
                  keys));
}

std::string configuration_section(const Report& report) {
  std::string body;
  if (report.groups.size() > 1 && !report.differences.empty()) {
    std::string header, rows;
    for (std::size_t g = 0; g < report.groups.size(); ++g)
      header += fmt::format("<th class=\"text\">{}{}</th>", page::dot(g), escaped(report.groups[g].label));
    for (const KeyRow& row : report.differences) {
      std::string cells;
      for (const std::string& value : row.values)
        cells += fmt::format("<td class=\"text\">{}</td>",
                             value.empty() ? "-" : "<code>" + escaped(value) + "</code>");
      rows += fmt::format("<tr><td><code>{}</code></td>{}</tr>\n", escaped(row.key), cells);
    }
    body += "<p class=\"about\">The keys in which they differ.</p>" +
            page::table("Keys in which they differ", fmt::format("<tr><th></th>{}</tr>\n{}", header, rows));
  }
  std::set<std::string> shown;
  std::size_t count = 0;
  for (const ReportedRun& run : report.runs) {
    if (run.config.empty() || run.of_comparison || !shown.insert(run.label).second || count++ == most_details)
      continue;
    std::string text, heading;
    for (const auto& [key, value] : run.config) {
      const std::string within = key.substr(0, key.rfind('.'));
      if (within != heading) {
        text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", escaped(within));
        heading = within;
      }
      text += escaped(key.substr(key.rfind('.') + 1) + " = " + value) + "\n";
    }
    body += fmt::format("<details{}><summary>{}</summary><pre>{}</pre></details>\n",
                        report.runs.size() == 1 ? " open" : "", escaped(run.label), text);
  }
  return body.empty() ? "" : page::section("configuration", "Configuration", "", body);
}

std::string provenance_section(const Report& report) {
  std::string body;
  std::set<std::string> shown;
  for (const ReportedRun& run : report.runs) {
    std::string facts;
    for (const auto& [name, text] : run.provenance)
      facts += fmt::format("<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(text));
    if (facts.empty() || !shown.insert(facts).second || shown.size() > most_details) continue;
    std::string events;
    for (const ReportedEvent& event : run.events)
      events += fmt::format("<tr><td>{}</td><td class=\"text\">{}</td><td class=\"text wide\">{}</td></tr>\n",
                            escaped(event.time), escaped(event.kind), escaped(event.text));
    body += fmt::format(
        "<details{}><summary>{}</summary><dl><dt>folder</dt><dd>{}</dd>{}</dl>\n{}</details>\n",
        report.runs.size() == 1 ? " open" : "", escaped(run.of_comparison ? "the comparison" : run.label),
        escaped(run.folder.string()), facts, events.empty() ? "" : page::table("Events", events));
  }
  return body.empty() ? "" : page::section("provenance", "Where it comes from", "", body);
}

}  // namespace

bool has_interactive_charts() { return !chart_bundle().empty(); }

std::string report_html(const Report& report, double renew_seconds) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::vector<std::pair<std::string, std::string>> sections = {
      {"findings", findings_section(report)},
      {"progress", progress_section(report)},
      {"solution", page::solution_section(report)},
      {"targets", page::targets_section(report)},
      {"runs", report.runs.size() > 1 ? runs_section(report) : ""},
      {"chain", chain_section(report)},
      {"winners", page::winners_section(report)},
      {"time", time_section(report)},
      {"configuration", configuration_section(report)},
      {"provenance", provenance_section(report)}};
  const std::vector<std::pair<std::string, std::string>> names = {
      {"findings", "Findings"},    {"progress", "Progress"}, {"solution", "Solution"},
      {"targets", "What it took"}, {"runs", "Runs"},         {"chain", "Predictions"},
      {"winners", "New bests"},    {"time", "Time"},         {"configuration", "Configuration"},
      {"provenance", "Provenance"}};
  std::string links, body;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (sections[i].second.empty()) continue;
    links += fmt::format("<a href=\"#{}\">{}</a>\n", names[i].first, names[i].second);
    body += sections[i].second;
  }
  const std::string bundle = chart_bundle();
  const std::string script =
      bundle.empty()
          ? ""
          : fmt::format("<script type=\"application/json\" id=\"data\">{}</script>\n<script>{}</script>\n",
                        page_data(report), bundle);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "img-src data:; script-src {10}; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"generator\" content=\"optex "
      "{0}\">\n{1}<title>{2}</title>\n<link rel=\"icon\" "
      "href=\"data:,\">\n<style>{3}</style>\n</head>\n<body>\n<main>\n<header><h1>{2}</h1><p>{4}optex {0}, "
      "{5:%Y-%m-%d %H:%M} UTC</p>\n<nav>{6}</nav></header>\n{7}{8}<footer>Made by <code>optex report</code>. "
      "Numbers are read from the runs' folders; curves are thinned to what a screen can show, counts are "
      "exact.</footer>\n</main>\n{9}</body>\n</html>\n",
      build::version,
      renew_seconds > 0.0 ? fmt::format("<meta http-equiv=\"refresh\" content=\"{:.0f}\">\n", renew_seconds)
                          : "",
      escaped(report.title), page_style(),
      report.runs.size() > 1 ? fmt::format("{} runs in {} group{}; ", report.runs.size(),
                                           report.groups.size(), report.groups.size() == 1 ? "" : "s")
                             : escaped(report.runs.front().folder.string()) + "; ",
      fmt::gmtime(now), links, report.runs.size() == 1 ? cards_of(report.runs.front()) : "", body, script,
      // Nothing but the program's own script runs, and nothing at all is fetched.
      bundle.empty() ? "'none'" : fmt::format("'sha256-{}'", chart_bundle_sha256()));
}

}  // namespace optex
