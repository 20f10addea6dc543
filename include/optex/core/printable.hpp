#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace optex {

/// What a line on the screen takes of one text.
inline constexpr std::size_t most_of_a_line = 4000;
/// And of the name of a folder or a measure.
inline constexpr std::size_t most_of_a_name = 100;

/// Text from files, other programs and other people for a line on the screen: control characters (line ends,
/// escape sequences that recolour, rename or clear a terminal, the 8-bit ones too), and those that turn the
/// order of letters round, become spaces, bytes that are no UTF-8 question marks. Longer ones are cut at
/// `most` bytes.
std::string printable(std::string_view text, std::size_t most = most_of_a_line);

/// Several lines: each printable, beyond so many of them only their number.
std::string printable_lines(std::string_view text, std::size_t most_lines = 200);

/// A text as a cell of a CSV file. A spreadsheet takes what begins with = + - @ for a formula and obeys it:
/// an apostrophe in front makes it text. Numbers stay numbers.
std::string csv_cell(std::string_view text);

}  // namespace optex
