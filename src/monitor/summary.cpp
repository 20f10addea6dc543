#include "summary.hpp"

#include "optex/core/printable.hpp"
#include "optex/monitor/status_writer.hpp"
#include "optex/text/styled.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "json.hpp"
#include "terminal.hpp"
#include <fmt/format.h>

namespace optex {

namespace {

std::string headline(const Outcome& outcome, bool coloured) {
  const std::string status = status_of(outcome);
  if (status == "finished")
    return styled("OptEx finished", Style::green, coloured) + ": " + printable(outcome.message);
  if (status == "stopped") return styled("OptEx stopped", Style::yellow, coloured) + ": " + outcome.reason;
  return styled("OptEx failed", Style::red, coloured) +
         fmt::format(": exit code {}", static_cast<int>(outcome.code));
}

}  // namespace

std::string summary_text(const Summary& summary, bool coloured) {
  std::vector<std::pair<std::string, std::string>> rows;
  rows.emplace_back("rounds", fmt::format("{}", summary.rounds));
  if (std::isfinite(summary.outcome.final_value))
    rows.emplace_back("value", fmt::format("{:.10g}", summary.outcome.final_value));
  if (summary.outcome.answer != AnswerPoint::none)
    rows.emplace_back("answer", words_of(summary.outcome.answer));
  if (std::isfinite(summary.best_value))
    rows.emplace_back("best seen", fmt::format("{:.10g}", summary.best_value));
  for (const Measure& measure : summary.outcome.measures)
    rows.emplace_back(printable(measure.name, most_of_a_name), fmt::format("{:.6g}", measure.value));
  rows.emplace_back("gradients", fmt::format("{}", summary.evaluations));
  rows.emplace_back("wall time", fmt::format("{}, {:.0f}% of it waiting", duration_text(summary.seconds),
                                             100.0 * summary.waiting_share));
  if (!summary.folder.empty()) {
    const std::string folder = printable(summary.folder.string());
    rows.emplace_back("files", folder + "/");
    if (status_of(summary.outcome) == "stopped") rows.emplace_back("go on with", "optex resume " + folder);
  }
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  std::string text = headline(summary.outcome, coloured) + "\n";
  for (const auto& [name, value] : rows)
    text +=
        fmt::format("  {}  {}\n", styled(fmt::format("{:<{}}", name, width), Style::dim, coloured), value);
  return text;
}

std::string summary_json(const Summary& summary) {
  return to_line({{"state", status_of(summary.outcome)},
                  {"reason", summary.outcome.reason},
                  {"exit_code", static_cast<int>(summary.outcome.code)},
                  {"message", summary.outcome.message},
                  {"iteration", summary.rounds},
                  {"answer", name_of(summary.outcome.answer)},
                  {"final_value", summary.outcome.final_value},
                  {"best_value", summary.best_value},
                  {"measures", to_json(summary.outcome.measures)},
                  {"warnings", summary.outcome.warnings},
                  {"evaluations", summary.evaluations},
                  {"seconds", summary.seconds},
                  {"folder", summary.folder.string()}});
}

}  // namespace optex
