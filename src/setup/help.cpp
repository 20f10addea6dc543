#include "optex/setup/help.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace optex {
namespace {

std::string usage(const CommandSyntax& syntax, std::size_t width) {
  std::vector<std::string> words;
  for (const auto& argument : syntax.arguments) {
    const std::string name = fmt::format("{}{}", argument.name, argument.repeats ? "..." : "");
    words.push_back(argument.required ? name : fmt::format("[{}]", name));
  }
  for (const auto& option : syntax.options) {
    const std::string name =
        option.letter == '\0' ? fmt::format("--{}", option.name) : fmt::format("-{}", option.letter);
    words.push_back(option.value.empty() ? fmt::format("[{}]", name)
                                         : fmt::format("[{} {}]", name, option.value));
  }
  if (syntax.takes_keys) words.emplace_back("[--section.key=value ...]");
  const std::string command = fmt::format("  optex {}", syntax.name);
  std::string text;
  for (const std::string& line : fill(words, width - command.size() - 1)) {
    text += fmt::format("{:{}} {}\n", text.empty() ? command : "", command.size(), line);
  }
  return text;
}

TextRow row_of(const CommandSyntax::Option& option) {
  std::string name = option.letter == '\0' ? "    " : fmt::format("-{}, ", option.letter);
  name += fmt::format("--{}", option.name);
  if (!option.value.empty()) name += fmt::format(" {}", option.value);
  return {name, std::string(option.help)};
}

}  // namespace

std::string command_help(const CommandSyntax& syntax, const TextStyle& style) {
  std::string out = heading("Usage", style) + usage(syntax, style.width) + "\n";
  for (const std::string& line :
       wrap(syntax.description.empty() ? syntax.help : syntax.description, style.width)) {
    out += line + "\n";
  }
  if (!syntax.arguments.empty()) {
    std::vector<TextRow> rows;
    for (const auto& argument : syntax.arguments)
      rows.push_back({std::string(argument.name), std::string(argument.help)});
    out += "\n" + heading("Arguments", style) + two_columns(rows, style);
  }
  std::vector<TextRow> rows;
  for (const auto& option : syntax.options) rows.push_back(row_of(option));
  if (syntax.takes_keys)
    rows.push_back({"    --section.key=value", "any key of the configuration; wins over the file"});
  rows.push_back({"-h, --help", "show this and stop"});
  out += "\n" + heading("Options", style) + two_columns(rows, style);
  if (!syntax.examples.empty()) {
    out += "\n" + heading("Examples", style);
    for (const auto& example : syntax.examples) {
      out += fmt::format("  {}\n", styled(example.command, Style::bold, style.colour));
      for (const std::string& line : wrap(example.help, style.width - 6))
        out += fmt::format("      {}\n", line);
    }
  }
  if (syntax.takes_keys) {
    out += "\n" + heading("Keys of the configuration", style);
    for (const std::string& line :
         wrap("In a file: [section] and key = value. Here: --section.key=value.", style.width)) {
      out += line + "\n";
    }
    out += key_help(style);
  }
  return out;
}

}  // namespace optex
