#pragma once

#include <string_view>
#include <vector>

namespace optex {

/// What the first line of a table looks like: column names, a sample, or both: the column numbers 0, 1, ...,
/// which programs write for columns without names.
enum class FirstLine { names, sample, either };

/// Names are words where numbers would stand, apart from words for missing values; beside them may stand
/// column numbers (from 0 or 1), an empty first name (of the row numbers that pandas and R write) and an
/// empty last one (behind a separator at the end of the line).
FirstLine first_line(const std::vector<std::string_view>& fields);

/// True for the name of a column of row numbers.
bool names_row_numbers(std::string_view name);

/// True for "label" and "labels".
bool says_label(std::string_view name);

}  // namespace optex
