#include <algorithm>
#include <cmath>

#include "escape.hpp"
#include "page_parts.hpp"
#include <fmt/format.h>

namespace optex::page {
namespace {

const ReportedField* named(const ReportedRun& run, const std::string& name) {
  const auto found = std::find_if(run.fields.begin(), run.fields.end(),
                                  [&](const auto& field) { return field.name == name; });
  return found == run.fields.end() ? nullptr : &*found;
}

/// Root of the mean square of what is drawn of both; NaN when their shapes differ.
double distance(const FieldFrame& a, const FieldFrame& b) {
  if (a.shown_rows != b.shown_rows || a.shown_columns != b.shown_columns) return std::nan("");
  double squares = 0.0;
  Index count = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double difference = a.values[i] - b.values[i];
    if (!std::isfinite(difference)) continue;
    squares += difference * difference;
    ++count;
  }
  return count > 0 ? std::sqrt(squares / static_cast<double>(count)) : std::nan("");
}

std::string row_of(const ReportedRun& run, std::size_t group, const ReportedField& field, bool with_truth) {
  const FieldFrame& last = field.frames.back();
  const ReportedField* const truth = field.truth.empty() ? nullptr : named(run, field.truth);
  std::string distances = "-";
  if (truth != nullptr) {
    const FieldFrame& goal = truth->frames.back();
    distances = number(distance(last, goal), 3);
    if (field.frames.size() > 1)
      distances = number(distance(field.frames.front(), goal), 3) + " \u2192 " + distances;
  }
  return fmt::format(
      "<tr><td>{}{}</td><td class=\"text\">{}</td><td class=\"text wide\">{}</td><td>{} x "
      "{}</td><td>{}</td><td>{}</td>"
      "<td>{}</td>{}</tr>\n",
      dot(group), escaped(run.label), escaped(field.name), escaped(field.unit), last.rows, last.columns,
      number(last.smallest, 4), number(last.largest, 4), last.blank == 0 ? "none" : with_blanks(last.blank),
      with_truth ? "<td>" + distances + "</td>" : "");
}

}  // namespace

std::string solution_section(const Report& report) {
  const bool with_truth = std::any_of(report.runs.begin(), report.runs.end(), [](const ReportedRun& run) {
    return std::any_of(run.fields.begin(), run.fields.end(),
                       [](const auto& field) { return !field.truth.empty(); });
  });
  std::string rows;
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    for (const std::size_t i : report.groups[g].runs) {
      const ReportedRun& run = report.runs[i];
      for (const ReportedField& field : run.fields) {
        const bool is_truth = std::any_of(run.fields.begin(), run.fields.end(),
                                          [&](const auto& other) { return other.truth == field.name; });
        if (!is_truth) rows += row_of(run, g, field, with_truth);
      }
    }
  if (rows.empty()) return {};
  return section(
      "solution", "The solution",
      "What the problem shows of it: where the run started, and where it came to.",
      "<div class=\"interactive\"><div class=\"controls\" id=\"field-controls\"></div>"
      "<div class=\"fields\" id=\"field-panels\"></div></div>\n" +
          table("What is shown of the solution",
                "<tr><th></th><th class=\"text\">shown</th><th class=\"text\">unit</th><th>rows x "
                "columns</th><th>smallest</th><th>largest</th><th>blank</th>" +
                    std::string(with_truth ? "<th>rms distance to the truth</th>" : "") + "</tr>\n" + rows));
}

}  // namespace optex::page
