#include "optex/setup/manual.hpp"
#include "optex/setup/schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

/// What can be completed behind the '=' of a key; empty when it cannot be listed.
std::vector<std::string> completions_of(const Key& key) {
  if (key.kind == Kind::boolean) return {"true", "false"};
  return key.choices;
}

}  // namespace

std::string bash_completion(const std::vector<CommandSyntax>& commands) {
  std::vector<std::string> names, keys;
  for (const CommandSyntax& command : commands) names.emplace_back(command.name);
  std::string values, options;
  for (const Key& key : schema().keys()) {
    keys.push_back(fmt::format("--{}=", key.full_name()));
    const std::vector<std::string> words = completions_of(key);
    if (!words.empty())
      values += fmt::format("        --{}) words=\"{}\" ;;\n", key.full_name(), fmt::join(words, " "));
  }
  for (const CommandSyntax& command : commands) {
    std::vector<std::string> words{"--help"};
    for (const auto& option : command.options) words.push_back(fmt::format("--{}", option.name));
    options += fmt::format("    {}) words=\"{}\"{} ;;\n", command.name, fmt::join(words, " "),
                           command.takes_keys ? " keyed=1" : "");
  }
  return fmt::format(R"(# bash completion for optex, written by `optex info --completion`.
_optex() {{
  local line=${{COMP_LINE:0:COMP_POINT}} word words="" keyed=0 i command=""
  word=${{line##*[[:space:]]}}
  COMPREPLY=()
  # optex may stand behind mpirun, srun and their options.
  for ((i = 0; i < COMP_CWORD; i++)); do
    if [[ ${{COMP_WORDS[i]##*/}} == optex ]]; then
      command=${{COMP_WORDS[i + 1]:-}}
      break
    fi
  done
  if ((COMP_CWORD == i + 1)); then
    mapfile -t COMPREPLY < <(compgen -W "{} --help --version" -- "$word")
    return
  fi
  if [[ $word == --*.*=* ]]; then
    case ${{word%%=*}} in
{}        *) compopt -o default; return ;;
    esac
    local front=""
    [[ $COMP_WORDBREAKS == *=* ]] || front=${{word%%=*}}=
    mapfile -t COMPREPLY < <(compgen -P "$front" -W "$words" -- "${{word#*=}}")
    return
  fi
  if [[ $word != -* ]]; then
    compopt -o default
    return
  fi
  case $command in
{}    *) return ;;
  esac
  if ((keyed)) && [[ $word == --* ]]; then
    words+=" {}"
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  [[ ${{#COMPREPLY[@]}} != 1 || ${{COMPREPLY[0]}} != *= ]] || compopt -o nospace
}}
complete -F _optex optex
)",
                     fmt::join(names, " "), values, options, fmt::join(keys, " "));
}

}  // namespace optex
