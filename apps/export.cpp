#include "optex/core/errors.hpp"
#include "optex/report/exports.hpp"

#include <filesystem>

#include "commands.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

std::string name_of_folder(const fs::path& run) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(run, error);
  return whole.filename().empty() ? "run" : whole.filename().string();
}

ExitCode start_export(const CommandLine& line) {
  const std::vector<std::string> formats{"tensorboard", "csv", "json"};
  if (!line.has("to")) throw UsageError("--to: say what for: tensorboard, csv or json");
  const std::string& to = formats[word_option(line, "to", formats)];
  if (line.has("output") && line.arguments.size() > 1)
    throw UsageError("--output names what is written for one run; without it each run gets its own");
  for (const std::string& run : line.arguments) {
    std::error_code error;
    if (!fs::is_directory(run, error)) throw UsageError(fmt::format("{}: no such folder", run));
    ExportLosses losses;
    std::string target;
    if (to == "tensorboard") {
      target = line.option("output", "tensorboard/" + name_of_folder(run));
      losses = export_tensorboard(run, target);
    } else {
      target = line.option("output", name_of_folder(run) + "." + to);
      if (const fs::path parent = fs::path(target).parent_path(); !parent.empty())
        fs::create_directories(parent, error);
      losses = to == "csv" ? export_csv(run, target) : export_json(run, target);
    }
    print_foreign(target + "\n");
    if (losses.damaged_lines > 0)
      print_note(fmt::format("{}: {} damaged line{} of metrics.jsonl left out", run, losses.damaged_lines,
                             losses.damaged_lines == 1 ? "" : "s"));
    if (to == "tensorboard" && losses.lists > 0)
      print_note(fmt::format("{}: {} columns of lists (by depth of the chain) have no place in event files",
                             run, losses.lists));
  }
  return ExitCode::success;
}

}  // namespace

Subcommand export_command() {
  return {{.name = "export",
           .help = "a run's rounds for other programs: TensorBoard, CSV, JSON",
           .description =
               "Reads metrics.jsonl of each folder and writes what other programs read: an event file for "
               "TensorBoard (tensorboard/NAME; then tensorboard --logdir tensorboard), one table (NAME.csv) "
               "or one object with status, configuration and a list for each column (NAME.json).",
           .arguments = {{.name = "DIR", .help = "the folder of a run", .repeats = true}},
           .options = {{.name = "to", .value = "FORMAT", .help = "tensorboard, csv or json"},
                       {.name = "output",
                        .letter = 'o',
                        .value = "PATH",
                        .help = "the file, or the folder for TensorBoard, when it is one run"}},
           .examples = {{"optex export runs/adam runs/optex --to tensorboard", "both under tensorboard/"},
                        {"optex export runs/adam --to csv -o adam.csv", "one table"}}},
          start_export};
}

}  // namespace optex::app
