#include "optex/core/printable.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/report/pages.hpp"

#include <cmath>

#include "metrics_line.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 20;  // bytes

std::string field(double x) { return std::isfinite(x) ? fmt::format("{}", x) : ""; }

}  // namespace

void write_report_csv(const Report& report, const std::filesystem::path& file) {
  files::ReplacementFile replacement(file);
  std::string rows = "run,group,seed,iteration,evaluations,seconds,value,best_value,gradient_norm\n";
  const auto put = [&](std::string& text) {
    replacement.content().write_all(text.data(), text.size());
    text.clear();
  };
  for (const RunGroup& group : report.groups)
    for (const std::size_t i : group.runs) {
      const ReportedRun& run = report.runs[i];
      const std::string beginning =
          fmt::format("{},{},{},", csv_cell(run.of_comparison ? run.label : run.name), csv_cell(group.label),
                      csv_cell(run.configured("run.seed")));
      const auto write = [&](const HistoryRow& row) {
        rows += beginning + fmt::format("{},{},{},{},{},{}\n", row.round, row.evaluations, field(row.seconds),
                                        field(row.value), field(row.best_value), field(row.gradient_norm));
        if (rows.size() > most_at_once) put(rows);
      };
      if (run.of_comparison) {
        for (const HistoryRow& row : run.history.rows) write(row);
        continue;
      }
      files::LineReader lines(files::open_for_reading(run.folder / "metrics.jsonl"));
      MetricsLine line;
      for (std::string text; lines.next(text);)
        if (lines.was_whole() && read_metrics_line(text, line)) write(line.row);
    }
  put(rows);
  replacement.commit();
}

}  // namespace optex
