#pragma once

#include "optex/monitor/arrival_log.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"

#include <filesystem>

namespace optex::app {

/// What --replay takes from the run in `folder`. Throws UsageError unless that run had the settings of
/// `config`, as far as they determine numbers (files by what they hold), and closed rounds at a quorum.
ArrivalLog read_replay(const std::filesystem::path& folder, const Config& config, const Problem& problem);

/// A run that replays another one must not go on by the clock. Throws UsageError when the run in `folder` did
/// and is to be resumed without --replay.
void refuse_to_leave_replay(const std::filesystem::path& folder);

}  // namespace optex::app
