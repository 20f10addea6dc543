#include <numeric>

#include "escape.hpp"
#include "page_parts.hpp"
#include <fmt/format.h>

namespace optex::page {

std::string winners_section(const Report& report) {
  std::string rows;
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    for (const std::size_t i : report.groups[g].runs) {
      const WinnerCounts& winners = report.runs[i].history.total.winners;
      const auto all = std::accumulate(winners.begin(), winners.end(), std::int64_t{0});
      if (all == 0) continue;
      std::string cells;
      for (const std::int64_t count : winners)
        cells += fmt::format("<td>{} ({:.0f} %)</td>", with_blanks(count),
                             100.0 * static_cast<double>(count) / static_cast<double>(all));
      rows += fmt::format("<tr><td>{}{}</td>{}</tr>\n", dot(g), escaped(report.runs[i].label), cells);
    }
  if (rows.empty()) return {};
  return section(
      "winners", "What brought the new best",
      "Rule surrogate: in so many rounds the best point so far was one that the model believes "
      "in, a probe about it, one of a chain of predicted steps, "
      "or that of the guard, an L-BFGS that goes its own way; or none was better.",
      table("Rounds by what brought the new best",
            "<tr><th></th><th>model</th><th>probe</th><th>chain</th><th>guard</th><th>none</th></tr>\n" +
                rows) +
          "<div class=\"interactive\"><div class=\"controls\" id=\"winner-controls\"></div>"
          "<div class=\"chart low\" id=\"winner-chart\"></div></div>\n");
}

}  // namespace optex::page
