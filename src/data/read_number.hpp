#pragma once

#include <optional>
#include <string_view>

namespace optex {

/// The number that the whole text spells ("1", "-2.5e-3", "+7", "nan"; "1.0D+00" as Fortran writes it),
/// independent of the locale. What is too small for a double becomes 0 or its nearest neighbour, what is too
/// large an infinity.
std::optional<double> read_number(std::string_view text);

inline std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace optex
