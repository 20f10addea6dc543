#include "optex/build_info.hpp"
#include "optex/core/errors.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/report/pages.hpp"
#include "optex/setup/manual.hpp"

#include <filesystem>

#include "commands.hpp"
#include "output.hpp"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace optex::app {
namespace {

std::vector<CommandSyntax> all_commands() {
  std::vector<CommandSyntax> commands;
  for (const Subcommand& command : subcommands()) commands.push_back(command.syntax);
  return commands;
}

/// optex.1, optex-config.5 and one page a command.
void write_man_pages(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(fmt::format("{}: cannot create the folder: {}", folder.string(), error.message()));
  // The build's own date would make two builds of one version differ.
  const std::string date, version = build::version;
  const auto write = [&](const std::string& name, const std::string& text) {
    files::replace_text(folder / name, text, files::Durability::process);
  };
  write("optex.1", overview_man_page(all_commands(), exit_codes(), version, date));
  write("optex-config.5", key_man_page(version, date));
  for (const CommandSyntax& command : all_commands())
    write(fmt::format("optex-{}.1", command.name), man_page(command, version, date));
}

std::string build_text(bool as_json) {
  nlohmann::ordered_json page;
  std::vector<TextRow> rows;
  for (const build::Entry& entry : build::entries()) {
    page[entry.name] = entry.value;
    rows.push_back({entry.name, entry.value});
  }
  const std::string charts = has_interactive_charts() ? "interactive" : "still pictures";
  page["report_charts"] = charts;
  rows.push_back({"report_charts", charts});
  return as_json ? page.dump(2) + "\n" : two_columns(rows, terminal_style());
}

ExitCode start_info(const CommandLine& line) {
  if (line.options.size() > 1) throw UsageError("optex info takes one option at a time");
  if (line.has("man"))
    write_man_pages(line.option("man"));
  else if (line.has("keys"))
    print(key_reference());
  else if (line.has("completion"))
    print(bash_completion(all_commands()));
  else
    print(build_text(line.has("json")));
  return ExitCode::success;
}

}  // namespace

Subcommand info_command() {
  return {{.name = "info",
           .help = "how this program was built; its manual pages, key reference and bash completion",
           .options = {{.name = "json", .help = "the same as JSON"},
                       {.name = "keys",
                        .help = "every key of the configuration as Markdown: docs/configuration.md"},
                       {.name = "man", .value = "DIR", .help = "write the manual pages into a folder"},
                       {.name = "completion",
                        .help = "a script that completes commands, keys and values in bash"}},
           .examples = {{"optex info", "version, commit, compiler, libraries: for a bug report"},
                        {"source <(optex info --completion)", "completion in this shell"}}},
          start_info};
}

}  // namespace optex::app
