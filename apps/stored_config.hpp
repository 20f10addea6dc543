#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment.hpp"

namespace optex::app {

/// What stands in resolved.toml: the configuration below a line that knows the config.toml beside it.
std::string resolved_text(const GivenConfig& given);

/// The configuration of the run in `folder`, where it is now; `overrides` win. A config.toml that was changed
/// since the run began is told in its notes: it counts for nothing. Throws IoError when this is no run's
/// folder.
GivenConfig stored_config(const std::filesystem::path& folder, const std::vector<Override>& overrides);

}  // namespace optex::app
