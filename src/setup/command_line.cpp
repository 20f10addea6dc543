#include "optex/setup/command_line.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/suggestion.hpp"
#include "optex/setup/text_layout.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

namespace po = boost::program_options;

/// Names below a table of free ones, "problem.options.NAME", that stand in these words: keys like the others.
std::set<std::string> free_names(const std::vector<std::string>& words) {
  std::set<std::string> names;
  for (const Key& key : schema().keys()) {
    if (key.kind != Kind::options) continue;
    const std::string table = fmt::format("--{}.", key.full_name());
    for (const std::string& word : words) {
      if (!word.starts_with(table)) continue;
      const std::string name = word.substr(0, word.find('=')).substr(table.size());
      const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
      });
      if (plain) names.insert(table.substr(2) + name);
    }
  }
  return names;
}

po::options_description describe(const CommandSyntax& syntax, const std::vector<std::string>& words) {
  po::options_description description;
  description.add_options()("help,h", "");
  for (const auto& option : syntax.options) {
    std::string name(option.name);
    if (option.letter != '\0') name += fmt::format(",{}", option.letter);
    if (option.value.empty()) {
      description.add_options()(name.c_str(), "");
    } else {
      description.add_options()(name.c_str(), po::value<std::string>(), "");
    }
  }
  if (syntax.takes_keys) {
    for (const Key& key : schema().keys()) {
      description.add_options()(key.full_name().c_str(), po::value<std::string>(), "");
    }
    for (const std::string& name : free_names(words))
      description.add_options()(name.c_str(), po::value<std::string>(), "");
  }
  return description;
}

// allow_guessing is left out: a word that is not the whole name is a mistake.
constexpr int style = po::command_line_style::allow_long | po::command_line_style::long_allow_adjacent |
                      po::command_line_style::long_allow_next | po::command_line_style::allow_short |
                      po::command_line_style::allow_dash_for_short |
                      po::command_line_style::short_allow_adjacent | po::command_line_style::short_allow_next;

std::vector<std::string> option_names(const CommandSyntax& syntax) {
  std::vector<std::string> names{"--help"};
  for (const auto& option : syntax.options) names.push_back(fmt::format("--{}", option.name));
  return names;
}

bool takes_value(const CommandSyntax& syntax, const std::string& name) {
  return std::any_of(syntax.options.begin(), syntax.options.end(),
                     [&](const auto& option) { return option.name == name && !option.value.empty(); });
}

/// "-o=x" means what "-o x" and "--output=x" do.
std::string value_of(const po::option& option) {
  const std::string& value = option.value.front();
  const std::string& token = option.original_tokens.front();
  const bool is_short = token.size() > 2 && token[0] == '-' && token[1] != '-' && token[2] == '=';
  return is_short ? value.substr(1) : value;
}

/// "--section.key=value" whose key nobody knows.
Override unknown_override(const std::string& token) {
  const std::size_t equals = token.find('=');
  return {token.substr(2, equals == std::string::npos ? equals : equals - 2),
          equals == std::string::npos ? "" : token.substr(equals + 1)};
}

}  // namespace

std::string CommandLine::option(const std::string& name, const std::string& otherwise) const {
  const auto found = options.find(name);
  return found == options.end() ? otherwise : found->second;
}

CommandLine parse_command_line(const CommandSyntax& syntax, const std::vector<std::string>& words) {
  CommandLine line;
  // Help is given whatever else is wrong, but not for words behind "--".
  const auto end = std::find(words.begin(), words.end(), "--");
  line.help =
      std::any_of(words.begin(), end, [](const std::string& w) { return w == "--help" || w == "-h"; });
  if (line.help) return line;

  std::vector<std::string> mistakes;
  const auto wrong = [&](const std::string& what) { mistakes.push_back(one_line(what)); };
  bool unknown = false;
  try {
    const po::options_description description = describe(syntax, words);
    const po::parsed_options parsed =
        po::command_line_parser(words).options(description).style(style).allow_unregistered().run();
    for (const auto& option : parsed.options) {
      const std::string& token =
          option.original_tokens.empty() ? option.string_key : option.original_tokens.front();
      if (option.position_key != -1) {
        line.arguments.insert(line.arguments.end(), option.value.begin(), option.value.end());
      } else if (option.unregistered) {
        unknown = true;
        const std::string name = token.substr(0, token.find('='));
        if (syntax.takes_keys && name.starts_with("--") && name.find('.') != std::string::npos) {
          line.overrides.push_back(unknown_override(token));
        } else {
          wrong(fmt::format("{}: unknown option of 'optex {}'; {}", name, syntax.name,
                            suggestion(name, option_names(syntax))));
        }
      } else if (option.string_key.find('.') != std::string::npos) {
        line.overrides.push_back({option.string_key, option.value.front()});
      } else if (line.has(option.string_key)) {
        wrong(fmt::format("--{}: given twice", option.string_key));
      } else if (takes_value(syntax, option.string_key)) {
        line.options[option.string_key] = value_of(option);
        if (line.options[option.string_key].empty())
          wrong(fmt::format("--{}: its value is empty", option.string_key));
      } else {
        line.options[option.string_key] = "";
      }
    }
  } catch (const po::error& error) {
    throw UsageError(one_line(fmt::format("{}; see 'optex {} --help'", error.what(), syntax.name)));
  }

  if (std::find(line.arguments.begin(), line.arguments.end(), "") != line.arguments.end())
    wrong(fmt::format("an argument is empty; see 'optex {} --help'", syntax.name));
  const auto needed = static_cast<std::size_t>(std::count_if(syntax.arguments.begin(), syntax.arguments.end(),
                                                             [](const auto& a) { return a.required; }));
  const bool repeats = !syntax.arguments.empty() && syntax.arguments.back().repeats;
  if (line.arguments.size() < needed) {
    wrong(fmt::format("missing {}; see 'optex {} --help'", syntax.arguments[line.arguments.size()].name,
                      syntax.name));
  }
  // Behind an unknown option a word may be its value: one mistake is enough.
  if (line.arguments.size() > syntax.arguments.size() && !repeats && !unknown) {
    wrong(fmt::format("'{}' is one argument too many; see 'optex {} --help'",
                      line.arguments[syntax.arguments.size()], syntax.name));
  }
  if (!mistakes.empty()) throw UsageError(fmt::format("{}", fmt::join(mistakes, "\n")));
  return line;
}

}  // namespace optex
