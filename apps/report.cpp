#include "optex/report/report.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/report/pages.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "commands.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

constexpr double usual_renewal_seconds = 10.0;
constexpr std::size_t rows_of_a_page = 60'000;  // over all runs: what a browser draws without a pause

struct ReportRequest {
  std::vector<std::string> folders;
  ReportOptions options;
  std::string page, table, pictures;
};

Report read_report(const ReportRequest& request) {
  std::vector<ReportedRun> runs;
  std::vector<std::string> left_out;
  for (const std::string& folder : request.folders) {
    HistoryLimits limits;
    if (request.folders.size() > 40)
      limits.rows = std::max<std::size_t>(200, rows_of_a_page / request.folders.size());
    try {
      for (ReportedRun& run : read_runs(folder, limits)) runs.push_back(std::move(run));
    } catch (const UsageError& none) {
      // A folder of somebody else's among others: the others are shown.
      std::error_code error;
      if (request.folders.size() == 1 || !fs::is_directory(folder, error)) throw;
      left_out.emplace_back(none.what());
    }
  }
  if (runs.empty()) throw UsageError(left_out.front());
  Report report = make_report(std::move(runs), request.options);
  report.findings.insert(report.findings.end(), left_out.begin(), left_out.end());
  return report;
}

void make_parent(const fs::path& file) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
}

/// Writes what was asked for; returns the report and the names of the files.
std::vector<std::string> write_report(const Report& report, const ReportRequest& request,
                                      double renew_seconds) {
  std::vector<std::string> files;
  if (!request.page.empty()) {
    make_parent(request.page);
    files::replace_text(std::filesystem::path(request.page), report_html(report, renew_seconds),
                        files::Durability::process);
    files.push_back(request.page);
  }
  if (!request.table.empty()) {
    make_parent(request.table);
    write_report_csv(report, request.table);
    files.push_back(request.table);
  }
  if (!request.pictures.empty()) {
    std::error_code error;
    fs::create_directories(request.pictures, error);
    for (const auto& [name, chart] : report_charts(report)) {
      const fs::path file = fs::path(request.pictures) / (name + ".svg");
      files::replace_text(file, svg_chart(chart), files::Durability::process);
      files.push_back(file.string());
    }
  }
  return files;
}

bool anything_runs(const Report& report) {
  return std::any_of(report.runs.begin(), report.runs.end(),
                     [](const ReportedRun& run) { return run.status.state == "running"; });
}

ExitCode start_report(const CommandLine& line) {
  ReportRequest request;
  request.folders = line.arguments;
  request.options.targets = numbers_option(line, "targets");
  request.options.by = all_costs[word_option(line, "by", {"rounds", "gradients", "wall"})];
  request.table = line.option("csv");
  request.pictures = line.option("svg");
  if (line.has("output") || (!line.has("csv") && !line.has("svg")) || line.has("follow"))
    request.page = line.option("output", "report.html");
  const double every =
      real_option(line, "every", {.min = 1.0, .max = 86400.0}).value_or(usual_renewal_seconds);
  if (line.has("every") && !line.has("follow"))
    throw UsageError("--every says how often --follow renews the page: give both");
  Report report = read_report(request);
  const bool follow = line.has("follow");
  std::vector<std::string> files =
      write_report(report, request, follow && anything_runs(report) ? every : 0.0);
  std::string text;
  for (const std::string& finding : report.findings) text += finding + "\n";
  text += text.empty() ? "" : "\n";
  if (line.has("by") && !report.targets.empty()) text += ranking_text(report) + "\n";
  for (const std::string& file : files) text += fmt::format("{}\n", file);
  print_foreign(text);
  if (!has_interactive_charts() && !request.page.empty())
    print_note(
        "this build has no interactive charts: the page holds still pictures (OPTEX_REPORT_CHARTS, "
        "docs/reports.md)");
  while (follow && anything_runs(report)) {
    std::this_thread::sleep_for(std::chrono::duration<double>(every));
    report = read_report(request);
    write_report(report, request, anything_runs(report) ? every : 0.0);
  }
  return ExitCode::success;
}

}  // namespace

Subcommand report_command() {
  return {
      {.name = "report",
       .help = "one page about runs: curves, speed-ups, predictions, time, configuration",
       .description = "Reads the folders of runs, comparisons and sweeps, whatever is in them, and writes "
                      "one HTML file that needs nothing else: open it, send it, print it. Runs that differ "
                      "in nothing but the seed become one curve with a band. Without targets, what it took "
                      "is counted to 0.1, 0.01, ... above the best F seen.",
       .arguments = {{.name = "DIR",
                      .help = "the folder of a run, a comparison or a sweep, or one that holds such folders",
                      .repeats = true}},
       .options =
           {{.name = "output", .letter = 'o', .value = "FILE", .help = "the page; without it report.html"},
            {.name = "targets", .value = "F,F", .help = "values of F to count rounds, gradients and time to"},
            {.name = "by",
             .value = "COST",
             .help = "what ranks the runs: rounds, gradients or wall; also as a table here"},
            {.name = "csv", .value = "FILE", .help = "every round of every run as one table"},
            {.name = "svg", .value = "DIR", .help = "the pictures, for papers"},
            {.name = "follow", .help = "renew the page as long as a run goes on; it loads itself again"},
            {.name = "every", .value = "S", .help = "seconds between two renewals; without it 10"}},
       .examples = {{"optex report runs/experiment", "one run; writes report.html"},
                    {"optex report runs/adam runs/optex -o both.html --targets 0.1,0.01",
                     "two runs, two gaps"},
                    {"optex report runs/grid --csv all.csv --svg figures", "a sweep, for a paper"}}},
      start_report};
}

}  // namespace optex::app
