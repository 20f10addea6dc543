#pragma once

#include "optex/monitor/run_folder.hpp"
#include "optex/setup/command_line.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scene.hpp"

namespace optex::app {

/// Writes provenance.json. Rank 0 only.
void record_provenance(const RunFolder& folder, const Config& config, const Problem& problem,
                       const Ranks& ranks, const std::vector<std::string>& command_line,
                       const std::vector<std::string>& accepted = {});

/// What `optex run` and `optex resume` have in common.
struct Experiment {
  /// Reads the configuration; called on rank 0 only.
  std::function<GivenConfig()> configure;
  IfExists if_exists = IfExists::refuse;
  /// The folder of a run whose arrivals this one takes over instead of the clock's.
  std::optional<std::filesystem::path> replay = {};
  bool accept_library = false;            ///< a resumed run may use another problem.library than before
  bool dry_run = false;                   ///< stop short of the first round and of the run's folder
  bool quiet = false;                     ///< one of many: nothing but warnings, no summary
  std::vector<std::string> command_line;  ///< for the record
};

/// Conducts a run from its configuration to results.h5 on all ranks of the launch. Returns the exit code of
/// this rank; what goes wrong before the first round is told once and leaves no rank behind.
int conduct(const Experiment& experiment);

/// The same within a program that all ranks run together already. What goes wrong before the first round is
/// thrown on all of them.
int conduct_on(Ranks& ranks, const Experiment& experiment);

/// Makes `folder` the run's folder, whatever the configuration says: overrides of run.output and run.name.
std::vector<Override> in_folder(const std::filesystem::path& folder);

/// What a command line says in place of the configuration: its keys, and the folder of -o.
std::vector<Override> overrides_in(const CommandLine& line);

/// The file that a command line names, with that.
GivenConfig given_config(const CommandLine& line);

}  // namespace optex::app
