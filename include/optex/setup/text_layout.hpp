#pragma once

#include "optex/text/styled.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Plain text for terminals: wrapped, aligned, bold where that is wanted.
namespace optex {

struct TextRow {
  std::string name;
  std::string text;
};

/// Lines of at most `width` characters, unless a word alone is longer. Words are not broken.
std::vector<std::string> fill(const std::vector<std::string>& words, std::size_t width);
/// The same for text with blanks between words; a newline always ends a line.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// Control characters as escapes ("\\n"): what a user wrote can then be quoted within one line.
std::string one_line(std::string_view text);

/// A line, bold if the style has it.
std::string heading(std::string_view text, const TextStyle& style);

/// "  name   text", the texts wrapped and aligned under each other.
std::string two_columns(const std::vector<TextRow>& rows, const TextStyle& style);

}  // namespace optex
