#pragma once

#include "optex/core/types.hpp"

#include <vector>

namespace optex {

/// Depths of a chain that get a true gradient, ascending: all of 0 .. points-1 while reach < points,
/// otherwise 0 and points-1 depths spaced geometrically from 1 to reach (rounded half to even, duplicates
/// replaced by the smallest unused depths). Requires points >= 1.
std::vector<Index> evaluated_depths(Index points, Index reach);

}  // namespace optex
