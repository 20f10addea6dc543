#include "optex/build_info.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/kept_memory.hpp"
#include "optex/setup/suggestion.hpp"

#include <chrono>
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "last_will.hpp"
#include "output.hpp"
#include "standard_descriptors.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

std::vector<TextRow> exit_code_rows() {
  std::vector<TextRow> rows;
  for (const auto& [code, meaning] : exit_codes()) rows.push_back({code, meaning});
  return rows;
}

std::string overview(const TextStyle& style) {
  std::string text = heading("Usage", style) + "  optex COMMAND ...          on one core\n" +
                     "  mpirun -n P optex run ...  on P ranks\n\n" +
                     "MPI-distributed optimisation with predicted gradients.\n\n" +
                     heading("Commands", style);
  std::vector<TextRow> rows;
  for (const Subcommand& command : subcommands()) {
    rows.push_back({std::string(command.syntax.name), std::string(command.syntax.help)});
  }
  text += two_columns(rows, style) + "\n" + heading("Options", style) +
          two_columns({{"-h, --help", "show this; behind a command: everything about it"},
                       {"    --version", "show the version"}},
                      style);
  text += "\n" + heading("Exit codes", style) + two_columns(exit_code_rows(), style);
  return text;
}

[[noreturn]] void refuse_command(const std::string& word) {
  std::vector<std::string> names;
  for (const Subcommand& command : subcommands()) names.emplace_back(command.syntax.name);
  if (word.ends_with(".toml")) {
    throw UsageError(fmt::format("'{0}' is not a command; did you mean 'optex run {0}'?", word));
  }
  throw UsageError(fmt::format("unknown {} '{}'; {}", word.starts_with('-') ? "option" : "command", word,
                               suggestion(word, names)));
}

ExitCode dispatch(const std::vector<std::string>& words) {
  if (words.empty()) throw UsageError("missing a command; see 'optex --help'");
  if (words.front() == "--help" || words.front() == "-h") {
    if (is_speaker()) print(overview(terminal_style()));
    return ExitCode::success;
  }
  if (words.front() == "--version") {
    if (is_speaker()) print(fmt::format("optex {} (commit {})\n", build::version, build::git_commit));
    return ExitCode::success;
  }
  for (const Subcommand& command : subcommands()) {
    if (words.front() != command.syntax.name) continue;
    CommandLine line = parse_command_line(command.syntax, {words.begin() + 1, words.end()});
    line.words = words;
    if (line.help) {
      if (is_speaker()) print(command_help(command.syntax, terminal_style()));
      return ExitCode::success;
    }
    // Under mpirun all ranks come here; what needs one process is done by one.
    if (!command.is_distributed && !is_speaker()) return ExitCode::success;
    return command.start(line);
  }
  refuse_command(words.front());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> exit_codes() {
  return {{"0", "a stop rule was met, or nothing was wrong"},
          {"1", "a defect of this program"},
          {"2", "usage or configuration"},
          {"3", "an evaluation failed beyond what is forgiven, or the gradient is wrong"},
          {"4", "the numbers went wrong"},
          {"5", "a checkpoint is unreadable or belongs to another run"},
          {"6", "files, folders, disks"},
          {"7", "a rank did not answer in time"},
          {"8", "the launch environment is unusable"},
          {"9", "the run's folder is already there"},
          {"75", "stopped early with a checkpoint: start me again"}};
}

std::vector<Subcommand> subcommands() {
  return {run_command(),       resume_command(), compare_command(), sweep_command(),
          report_command(),    export_command(), watch_command(),   check_command(),
          gradcheck_command(), ask_command(),    tell_command(),    inspect_command(),
          list_command(),      config_command(), script_command(),  info_command()};
}

}  // namespace optex::app

int main(int argc, char** argv) {
  optex::app::open_standard_descriptors();
  // A file that would grow past the limit of the shell or batch system is then an error like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  // Whoever read what we say may be gone: the run is not.
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto witness = optex::app::LastWill::execute(argc, argv)) return *witness;
  optex::keep_freed_memory();
  try {
    return static_cast<int>(optex::app::dispatch({argv + 1, argv + argc}));
  } catch (const optex::UsageError& error) {
    // The same on every rank. A launcher ends all ranks when the first one fails: the one that speaks must
    // have spoken by then.
    if (optex::app::is_speaker())
      optex::app::print_error(error.what());
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return static_cast<int>(error.code());
  } catch (const optex::Error& error) {
    optex::app::print_error(error.what());
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    optex::app::print_error("not enough memory; 'optex check' says how much a run needs");
  } catch (const std::exception& error) {
    optex::app::print_error(fmt::format("internal error: {}", error.what()));
  }
  return static_cast<int>(optex::ExitCode::internal);
}
