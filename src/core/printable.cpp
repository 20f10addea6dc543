#include "optex/core/printable.hpp"

#include "optex/core/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace optex {
namespace {

bool is_command(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const Utf8Character next = first_character(text);
    const std::size_t bytes = std::max<std::size_t>(1, next.bytes);
    if (out.size() + bytes > most) return out + "...";
    if (next.bytes == 0)
      out += '?';
    else if (is_command(next.code))
      out += ' ';
    else
      out += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return out;
}

std::string printable_lines(std::string_view text, std::size_t most_lines) {
  std::string out;
  for (std::size_t line = 0; !text.empty(); ++line) {
    if (line == most_lines) {
      const auto more = std::count(text.begin(), text.end(), '\n') + (text.back() == '\n' ? 0 : 1);
      return out + "... " + std::to_string(more) + " more lines\n";
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += printable(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string csv_cell(std::string_view text) {
  constexpr std::string_view formula = "=+-@\t\r";
  std::string cell(text);
  if (!text.empty() && formula.find(text.front()) != std::string_view::npos) {
    const std::string_view digits = text.substr(text.front() == '+' ? 1 : 0);
    double number = 0.0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_number = error == std::errc() && end == digits.data() + digits.size();
    if (!is_number) cell.insert(cell.begin(), '\'');
  }
  if (cell.find_first_of(",;\"\n\r") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace optex
