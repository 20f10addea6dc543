#include "optex/core/errors.hpp"
#include "optex/hdf5/replacement_file.hpp"
#include "optex/report/pages.hpp"

#include <cmath>
#include <fstream>

#include "metrics_line.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

std::string quoted_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string field(double x) { return std::isfinite(x) ? fmt::format("{}", x) : ""; }

}  // namespace

void write_report_csv(const Report& report, const std::filesystem::path& file) {
  hdf5::ReplacementFile replacement(file);
  std::ofstream out(replacement.temporary(), std::ios::binary);
  out << "run,group,seed,iteration,evaluations,seconds,value,best_value,gradient_norm\n";
  for (const RunGroup& group : report.groups)
    for (const std::size_t i : group.runs) {
      const ReportedRun& run = report.runs[i];
      const std::string beginning =
          fmt::format("{},{},{},", quoted_field(run.of_comparison ? run.label : run.name),
                      quoted_field(group.label), run.configured("run.seed"));
      const auto write = [&](const HistoryRow& row) {
        out << beginning
            << fmt::format("{},{},{},{},{},{}\n", row.round, row.evaluations, field(row.seconds),
                           field(row.value), field(row.best_value), field(row.gradient_norm));
      };
      if (run.of_comparison) {
        for (const HistoryRow& row : run.history.rows) write(row);
        continue;
      }
      std::ifstream in(run.folder / "metrics.jsonl", std::ios::binary);
      std::string text;
      MetricsLine line;
      while (std::getline(in, text))
        if (!in.eof() && read_metrics_line(text, line)) write(line.row);
    }
  out.close();
  if (!out) throw IoError(fmt::format("{}: cannot write it", file.string()));
  replacement.commit();
}

}  // namespace optex
