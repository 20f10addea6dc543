#pragma once

#include "optex/evaluation/gradient_check.hpp"

#include <vector>

#include "prober.hpp"

namespace optex {

/// Where a gradient is wrong: cuts the groups of coordinates with the largest discrepancy in pieces until
/// they are single ones. `sizes` (d): how far a coordinate may move; `step`: the part of it that is gone.
std::vector<CoordinateFinding> find_worst(Prober& prober, const Vector& gradient, const Vector& sizes,
                                          double step, const GradientCheckOptions& options);

}  // namespace optex
