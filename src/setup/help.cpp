#include "optex/setup/help.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

constexpr std::size_t indent = 2;
constexpr std::size_t widest_name = 30;  // longer ones get a line of their own

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

std::string usage(const CommandSyntax& syntax) {
  std::string line = fmt::format("optex {}", syntax.name);
  for (const auto& argument : syntax.arguments) {
    const std::string name = fmt::format("{}{}", argument.name, argument.repeats ? "..." : "");
    line += argument.required ? " " + name : " [" + name + "]";
  }
  for (const auto& option : syntax.options) {
    line += option.letter == '\0' ? fmt::format(" [--{}", option.name) : fmt::format(" [-{}", option.letter);
    line += option.value.empty() ? "]" : fmt::format(" {}]", option.value);
  }
  if (syntax.takes_keys) line += " [--section.key=value ...]";
  return line;
}

HelpRow row_of(const CommandSyntax::Option& option) {
  std::string name = option.letter == '\0' ? "    " : fmt::format("-{}, ", option.letter);
  name += fmt::format("--{}", option.name);
  if (!option.value.empty()) name += fmt::format(" {}", option.value);
  return {name, std::string(option.help)};
}

}  // namespace

std::string strong(std::string_view text, const HelpStyle& style) {
  return style.colour ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

std::string heading(std::string_view text, const HelpStyle& style) { return strong(text, style) + "\n"; }

std::string two_columns(const std::vector<HelpRow>& rows, const HelpStyle& style) {
  std::size_t column = 0;
  for (const HelpRow& row : rows) {
    if (row.name.size() <= widest_name) column = std::max(column, row.name.size());
  }
  column += 2 * indent;
  const std::size_t width = std::max<std::size_t>(style.width, column + 20) - column;
  const std::string margin(column, ' ');
  std::string out;
  for (const HelpRow& row : rows) {
    std::vector<std::string> lines;
    for (std::string_view rest = row.text;; rest.remove_prefix(rest.find('\n') + 1)) {
      const auto wrapped = wrap(rest.substr(0, rest.find('\n')), width);
      lines.insert(lines.end(), wrapped.begin(), wrapped.end());
      if (rest.find('\n') == std::string_view::npos) break;
    }
    const bool own_line = row.name.size() > widest_name;
    out += fmt::format("{:{}}{}", "", indent, strong(row.name, style));
    if (own_line) {
      out += "\n" + margin;
    } else {
      out += std::string(column - indent - row.name.size(), ' ');
    }
    for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "" : margin) + lines[i] + "\n";
  }
  return out;
}

std::string command_help(const CommandSyntax& syntax, const HelpStyle& style) {
  std::string out = heading("Usage", style) + "  " + usage(syntax) + "\n\n";
  for (const std::string& line :
       wrap(syntax.description.empty() ? syntax.help : syntax.description, style.width)) {
    out += line + "\n";
  }
  if (!syntax.arguments.empty()) {
    std::vector<HelpRow> rows;
    for (const auto& argument : syntax.arguments)
      rows.push_back({std::string(argument.name), std::string(argument.help)});
    out += "\n" + heading("Arguments", style) + two_columns(rows, style);
  }
  std::vector<HelpRow> rows;
  for (const auto& option : syntax.options) rows.push_back(row_of(option));
  if (syntax.takes_keys)
    rows.push_back({"    --section.key=value", "any key of the configuration; wins over the file"});
  rows.push_back({"-h, --help", "show this and stop"});
  out += "\n" + heading("Options", style) + two_columns(rows, style);
  if (!syntax.examples.empty()) {
    out += "\n" + heading("Examples", style);
    for (const auto& example : syntax.examples) {
      out += fmt::format("  {}\n", strong(example.command, style));
      for (const std::string& line : wrap(example.help, style.width - 6))
        out += fmt::format("      {}\n", line);
    }
  }
  if (syntax.takes_keys) {
    out += "\n" + heading("Keys of the configuration", style);
    out += "In a file: [section] and key = value. Here: --section.key=value.\n" + key_help(style);
  }
  return out;
}

}  // namespace optex
