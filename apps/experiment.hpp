#pragma once

#include "optex/monitor/run_folder.hpp"
#include "optex/setup/config.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace optex::app {

/// A configuration with the text that it came from.
struct GivenConfig {
  std::string text;
  Config config;
};

/// What `optex run` and `optex resume` have in common.
struct Experiment {
  /// Reads the configuration; called on rank 0 only.
  std::function<GivenConfig()> configure;
  IfExists if_exists = IfExists::refuse;
  bool dry_run = false;                   ///< stop short of the first round and of the run's folder
  std::vector<std::string> command_line;  ///< for the record
};

/// Conducts a run from its configuration to results.h5 on all ranks of the launch. Returns the exit code of
/// this rank; what goes wrong before the first round is told once and leaves no rank behind.
int conduct(const Experiment& experiment);

/// Makes `folder` the run's folder, whatever the configuration says: overrides of run.output and run.name.
std::vector<Override> in_folder(const std::filesystem::path& folder);

}  // namespace optex::app
