#pragma once

#include "optex/setup/command_line.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace optex {

struct HelpRow {
  std::string name;
  std::string text;
};

struct HelpStyle {
  bool colour = false;  ///< names and headings bold, by ANSI codes
  std::size_t width = 100;
};

/// Bold, if the style has it.
std::string strong(std::string_view text, const HelpStyle& style);
std::string heading(std::string_view text, const HelpStyle& style);
/// "  name   text", the texts wrapped (at newlines always) and aligned under each other.
std::string two_columns(const std::vector<HelpRow>& rows, const HelpStyle& style);

/// Everything `optex COMMAND --help` says.
std::string command_help(const CommandSyntax& syntax, const HelpStyle& style);

/// All keys by section: what each takes, its default and what it is for.
std::string key_help(const HelpStyle& style);

}  // namespace optex
