#pragma once

#include "optex/report/reported_run.hpp"

#include <filesystem>
#include <vector>

namespace optex {

/// The runs of a comparison that compare.json names, one a contender and seed; without it (the comparison is
/// still going) all that are finished, those that chose learning rates included.
std::vector<ReportedRun> read_comparison_runs(const std::filesystem::path& folder);

}  // namespace optex
