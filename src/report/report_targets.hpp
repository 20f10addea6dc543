#pragma once

#include "optex/report/report.hpp"

#include <vector>

namespace optex {

/// Fills report.targets and what every group took to each. `asked`: values of F, or none.
void count_targets(Report& report, const std::vector<double>& asked);

}  // namespace optex
