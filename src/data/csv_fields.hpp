#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace optex {

/// What stands between the fields of a line: the first of tab, ';', '|' and ',' that it has outside of
/// quotes, else blanks (' '), of which several count as one; ',' for a line with none of them.
char delimiter_of(std::string_view line);

/// True when a double quote at the start of a field is not closed in this line.
bool leaves_quote_open(std::string_view line);

/// The fields, without the blanks and quotes around them; in quotes a delimiter is text.
void split_fields(std::string_view line, char delimiter, std::vector<std::string_view>& fields);

/// The number that a field spells; "true" and "false", as pandas writes them too, are 1 and 0.
std::optional<double> read_cell(std::string_view field);

}  // namespace optex
