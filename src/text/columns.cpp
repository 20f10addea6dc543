#include "optex/text/columns.hpp"

#include <algorithm>

namespace optex {

std::string in_columns(const std::vector<std::vector<std::string>>& rows, std::size_t left_columns,
                       const std::string& margin) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c == widths.size()) widths.push_back(0);
      const bool runs_over = c + 1 == row.size() && row.size() < rows.front().size();
      if (!runs_over) widths[c] = std::max(widths[c], row[c].size());
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line = margin;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string blanks(widths[c] - std::min(widths[c], row[c].size()), ' ');
      line += (c == 0 ? "" : "  ") + (c < left_columns ? row[c] + blanks : blanks + row[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace optex
