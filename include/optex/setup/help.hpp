#pragma once

#include "optex/setup/command_line.hpp"
#include "optex/setup/text_layout.hpp"

#include <string>

namespace optex {

/// Everything `optex COMMAND --help` says.
std::string command_help(const CommandSyntax& syntax, const TextStyle& style);

/// All keys by section: what each takes, its default and what it is for.
std::string key_help(const TextStyle& style);

}  // namespace optex
