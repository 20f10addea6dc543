#pragma once

#include "optex/setup/config.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace optex {

/// What a subcommand accepts, as plain data: parser and help are made from it.
struct CommandSyntax {
  struct Argument {
    std::string_view name;  ///< "CONFIG"
    std::string_view help;
    bool required = true;
    bool repeats = false;  ///< the last one only
  };
  struct Option {
    std::string_view name;        ///< "output", without dashes
    char letter = '\0';           ///< 'o' for -o
    std::string_view value = {};  ///< "DIR"; empty for a flag
    std::string_view help = {};
  };
  struct Example {
    std::string_view command;
    std::string_view help;
  };

  std::string_view name;
  std::string_view help;  ///< one line
  std::string_view description = {};
  std::vector<Argument> arguments = {};
  std::vector<Option> options = {};
  bool takes_keys = false;  ///< --section.key=value for every key of the configuration
  std::vector<Example> examples = {};
};

/// What was written behind a subcommand's name.
struct CommandLine {
  bool help = false;                           ///< --help or -h, whatever else there is
  std::vector<std::string> arguments;          ///< in order
  std::map<std::string, std::string> options;  ///< by long name; flags hold ""
  std::vector<Override> overrides;             ///< --section.key=value, unchecked
  std::vector<std::string> words;              ///< everything as it was written, for the record

  bool has(const std::string& option) const { return options.contains(option); }
  /// Value of an option, or `otherwise`.
  std::string option(const std::string& name, const std::string& otherwise = {}) const;
};

/// Takes what stands behind the subcommand's name. Names are never completed. Throws UsageError with one line
/// for each mistake; keys with a dot are left to the configuration, which knows more about them.
CommandLine parse_command_line(const CommandSyntax& syntax, const std::vector<std::string>& words);

}  // namespace optex
