#pragma once

#include "optex/setup/command_line.hpp"

#include <string>
#include <utility>
#include <vector>

/// What is written for readers and shells out of the same tables as parser and help.
namespace optex {

/// docs/configuration.md: every section with its keys, what they take, their defaults and what they are for.
std::string key_reference();

/// The keys of one section or of all, in order, as rows: name with section, what it takes with its default,
/// what it is for.
struct KeyText {
  std::string section, name, takes, fallback, help, only;
};
std::vector<KeyText> key_texts();

/// A command's manual page, optex-NAME.1, in the language of man(7). `date` as man pages show it.
std::string man_page(const CommandSyntax& syntax, const std::string& version, const std::string& date);

/// optex.1: all commands, the exit codes and signals.
std::string overview_man_page(const std::vector<CommandSyntax>& commands,
                              const std::vector<std::pair<std::string, std::string>>& exit_codes,
                              const std::string& version, const std::string& date);

/// optex-config.5: the configuration file and its keys.
std::string key_man_page(const std::string& version, const std::string& date);

/// A script for bash that completes commands, options, keys and the values of keys.
std::string bash_completion(const std::vector<CommandSyntax>& commands);

}  // namespace optex
