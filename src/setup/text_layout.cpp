#include "optex/setup/text_layout.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::size_t indent = 2;
constexpr std::size_t widest_name = 30;  // longer ones get a line of their own

}  // namespace

std::vector<std::string> fill(const std::vector<std::string>& words, std::size_t width) {
  std::vector<std::string> lines(1);
  for (const std::string& word : words) {
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (bool more = true; more;) {
    const std::size_t end = text.find('\n');
    more = end != std::string_view::npos;
    std::string_view paragraph = text.substr(0, end);
    if (more) text.remove_prefix(end + 1);
    std::vector<std::string> words;
    while (!paragraph.empty()) {
      const std::size_t length = std::min(paragraph.find(' '), paragraph.size());
      if (length > 0) words.emplace_back(paragraph.substr(0, length));
      paragraph.remove_prefix(std::min(length + 1, paragraph.size()));
    }
    const std::vector<std::string> filled = fill(words, width);
    lines.insert(lines.end(), filled.begin(), filled.end());
  }
  return lines;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

std::string heading(std::string_view text, const TextStyle& style) {
  return styled(text, Style::bold, style.colour) + "\n";
}

std::string two_columns(const std::vector<TextRow>& rows, const TextStyle& style) {
  const std::size_t widest = std::min(widest_name, style.width / 2 - 2 * indent);
  std::size_t column = 0;
  for (const TextRow& row : rows) {
    if (row.name.size() <= widest) column = std::max(column, row.name.size());
  }
  column += 2 * indent;
  const std::size_t width = std::max<std::size_t>(style.width, column + 20) - column;
  const std::string margin(column, ' ');
  std::string out;
  for (const TextRow& row : rows) {
    const bool own_line = row.name.size() > widest;
    out += std::string(indent, ' ') + styled(row.name, Style::bold, style.colour);
    out += own_line ? "\n" + margin : std::string(column - indent - row.name.size(), ' ');
    const std::vector<std::string> lines = wrap(row.text, width);
    for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "" : margin) + lines[i] + "\n";
  }
  return out;
}

}  // namespace optex
