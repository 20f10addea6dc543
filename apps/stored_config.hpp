#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "scene.hpp"

namespace optex::app {

/// What stands in resolved.toml: the configuration below a line that knows the config.toml beside it.
std::string resolved_text(const GivenConfig& given);

/// The same text with other settings, which still knows the config.toml that the run began with.
std::string with_settings_of(std::string_view resolved, const Config& config);

/// The configuration of the run in `folder`, where it is now; `overrides` win. A config.toml that was changed
/// since the run began is told in its notes: it counts for nothing. Throws IoError when this is no run's
/// folder.
GivenConfig stored_config(const std::filesystem::path& folder, const std::vector<Override>& overrides);

}  // namespace optex::app
