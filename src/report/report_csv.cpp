#include "optex/core/printable.hpp"
#include "optex/files/gathered_text.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/report/pages.hpp"

#include <cmath>

#include "metrics_line.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

std::string field(double x) { return std::isfinite(x) ? fmt::format("{}", x) : ""; }

}  // namespace

void write_report_csv(const Report& report, const std::filesystem::path& file) {
  files::ReplacementFile replacement(file);
  files::GatheredText out(replacement.content());
  out.put("run,group,seed,iteration,evaluations,seconds,value,best_value,gradient_norm\n");
  for (const RunGroup& group : report.groups)
    for (const std::size_t i : group.runs) {
      const ReportedRun& run = report.runs[i];
      const std::string beginning =
          fmt::format("{},{},{},", csv_cell(run.of_comparison ? run.label : run.name), csv_cell(group.label),
                      csv_cell(run.configured("run.seed")));
      const auto write = [&](const HistoryRow& row) {
        out.put(beginning + fmt::format("{},{},{},{},{},{}\n", row.round, row.evaluations, field(row.seconds),
                                        field(row.value), field(row.best_value), field(row.gradient_norm)));
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
  out.flush();
  replacement.commit();
}

}  // namespace optex
