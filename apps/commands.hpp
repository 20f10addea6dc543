#pragma once

#include "optex/core/errors.hpp"
#include "optex/setup/command_line.hpp"

#include <string>
#include <utility>
#include <vector>

namespace optex::app {

/// A subcommand of `optex`: what it accepts and what it does. `start` may throw optex::Error, which main()
/// turns into lines on stderr and the exit code. Nothing has touched MPI when it is called.
struct Subcommand {
  CommandSyntax syntax;
  ExitCode (*start)(const CommandLine& line);
  bool is_distributed = false;  ///< every rank starts it; the others run on one rank alone
};

// One file each, in the order of `optex --help`.
Subcommand run_command();
Subcommand resume_command();
Subcommand compare_command();
Subcommand sweep_command();
Subcommand report_command();
Subcommand export_command();
Subcommand watch_command();
Subcommand check_command();
Subcommand gradcheck_command();
Subcommand ask_command();
Subcommand tell_command();
Subcommand inspect_command();
Subcommand list_command();
Subcommand config_command();
Subcommand script_command();
Subcommand info_command();

std::vector<Subcommand> subcommands();

/// Every exit code with its meaning.
std::vector<std::pair<std::string, std::string>> exit_codes();

}  // namespace optex::app
