#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace optex {

/// What a field was after so many rounds, thinned for a page.
struct FieldFrame {
  std::int64_t round = 0;
  Index rows = 0, columns = 0;  ///< of the file
  Index shown_rows = 0, shown_columns = 0;
  std::vector<double> values;  ///< shown_rows x shown_columns, row by row; NaN where there is nothing
  Index blank = 0;             ///< entries of the file that are not finite
  double smallest = 0.0, largest = 0.0;  ///< of the file's finite entries; NaN without any
};

/// Something that a run shows of its solution: a field, an image, curves or a table.
struct ReportedField {
  std::string name, kind, unit, truth;  ///< truth: the name of another, empty when it is not known
  std::vector<FieldFrame> frames;       ///< the start, what was kept on the way, the answer; at least one
};

/// Fields of results.h5 (`/problem`, and `/earlier/<round>` on the way); the answer is that of round `last`.
/// Beyond `most_cells` a field is thinned: means of blocks, every so manieth row of curves and tables. What
/// cannot be read becomes a remark; no file, no fields.
std::vector<ReportedField> read_run_fields(const std::filesystem::path& results, std::int64_t last,
                                           std::vector<std::string>& remarks);

inline constexpr Index most_cells = 20'000;

}  // namespace optex
