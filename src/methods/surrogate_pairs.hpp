#pragma once

#include "optex/core/units.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/known_point.hpp"
#include "optex/surrogate/pair_memory.hpp"

#include <vector>

namespace optex {

/// One pair for each of the new points: with the nearest point of a tree that grows from the root, the
/// nearest first, so that steps are short. In units. Points that coincide make none. Cost: 3 k^2 / 2
/// operations a coordinate for k points.
std::vector<SecantPair> nearest_neighbour_pairs(const KnownPoint& root, const std::vector<KnownPoint>& points,
                                                const Units& units);

}  // namespace optex
