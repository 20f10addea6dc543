#include "optex/report/pages.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace optex {
namespace {

enum class Across { rounds, gradients, seconds };

double across_of(const HistoryRow& row, Across across) {
  switch (across) {
    case Across::rounds:
      return static_cast<double>(row.round);
    case Across::gradients:
      return static_cast<double>(row.evaluations);
    case Across::seconds:
      break;
  }
  return row.seconds;
}

const char* across_label(Across across) {
  return across == Across::rounds ? "round" : across == Across::gradients ? "gradients" : "wall time, s";
}

template <class Number>
Chart chart_of(const Report& report, const std::string& what, Across across, Number number) {
  Chart chart;
  chart.x_label = across_label(across);
  chart.y_label = what;
  chart.title = fmt::format("{} over {}", what,
                            across == Across::rounds      ? "rounds"
                            : across == Across::gradients ? "gradients"
                                                          : "wall time");
  chart.log_y = true;
  for (std::size_t g = 0; g < report.groups.size(); ++g) {
    const RunGroup& group = report.groups[g];
    for (const std::size_t i : group.runs) {
      ChartLine line{group.label, g, group.ideal, group.runs.size() > 3, {}};
      for (const HistoryRow& row : report.runs[i].history.rows) {
        const double y = number(report.runs[i], row);
        // Values that go below 0 have no logarithm.
        if (std::isfinite(y) && y <= 0.0) chart.log_y = false;
        line.points.emplace_back(across_of(row, across), y);
      }
      chart.lines.push_back(std::move(line));
    }
  }
  return chart;
}

Chart chart_of_measure(const Report& report) {
  Chart chart;
  chart.title = report.measure + " over rounds";
  chart.x_label = "round";
  chart.y_label = report.measure;
  for (std::size_t g = 0; g < report.groups.size(); ++g) {
    const RunGroup& group = report.groups[g];
    for (const std::size_t i : group.runs) {
      ChartLine line{group.label, g, group.ideal, group.runs.size() > 3, {}};
      const auto& quality = report.runs[i].history.quality;
      if (const auto found = quality.find(report.measure); found != quality.end())
        for (const QualityPoint& point : found->second)
          line.points.emplace_back(static_cast<double>(point.round), point.value);
      chart.lines.push_back(std::move(line));
    }
  }
  return chart;
}

}  // namespace

std::vector<std::pair<std::string, Chart>> report_charts(const Report& report) {
  std::vector<std::pair<std::string, Chart>> charts;
  if (!report.measure.empty()) charts.emplace_back(report.measure + "-rounds", chart_of_measure(report));
  if (report.moves) return charts;
  const bool noisy =
      std::any_of(report.runs.begin(), report.runs.end(), [](const ReportedRun& run) { return run.noisy; });
  // How far each still is from the best that anybody found. A draw has no distance, and strangers no common
  // best.
  const bool gaps = report.one_problem && !noisy;
  double lowest = 0.0;
  if (gaps) {
    lowest = std::numeric_limits<double>::infinity();
    for (const ReportedRun& run : report.runs)
      for (const HistoryRow& row : run.history.rows)
        if (row.best_value < lowest) lowest = row.best_value;
  }
  const auto value = [&](const ReportedRun& run, const HistoryRow& row) {
    if (!gaps) return run.noisy ? row.value : row.best_value;
    // The best itself has no logarithm: the curve ends before it.
    return row.best_value > lowest ? row.best_value - lowest : std::numeric_limits<double>::quiet_NaN();
  };
  const std::string name = gaps ? "gap to the best value" : noisy ? "value" : "best value";
  charts.emplace_back("value-rounds", chart_of(report, name, Across::rounds, value));
  charts.emplace_back("value-gradients", chart_of(report, name, Across::gradients, value));
  charts.emplace_back("value-seconds", chart_of(report, name, Across::seconds, value));
  const auto norm = [](const ReportedRun&, const HistoryRow& row) { return row.gradient_norm; };
  const bool norms = std::any_of(report.runs.begin(), report.runs.end(),
                                 [](const ReportedRun& run) { return !run.of_comparison; });
  if (norms)
    charts.emplace_back("gradient_norm-rounds", chart_of(report, "gradient norm", Across::rounds, norm));
  return charts;
}

}  // namespace optex
