#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <vector>

namespace optex {

/// Which coordinates stand for all of them when distances are measured.
enum class SubsetChoice {
  random,  ///< every subset of the size is equally likely
  even,    ///< evenly spaced, the first one included
};

/// `count` different coordinates out of `dimension`, ascending, a function of the arguments alone; empty (all
/// of them) when count is 0 or at least `dimension`. Cost: one random number a coordinate (Knuth, "The Art of
/// Computer Programming", volume 2, algorithm 3.4.2 S).
std::vector<std::int64_t> choose_coordinates(Index dimension, Index count, SubsetChoice choice,
                                             std::uint64_t seed);

}  // namespace optex
