#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/types.hpp"

namespace optex {

/// How large each coordinate is: |theta_i|; where that is 0 the distance of near bounds, or the median of the
/// coordinates that are not 0, or 1.
Vector coordinate_sizes(ConstVectorRef theta, const Bounds& bounds);

/// Whether both limits are there and so near that a point between them can be meant.
bool is_between(const Bounds& bounds, Index i);

/// theta off its bounds, so far that steps of a hundredth of a coordinate's size stay inside.
Vector off_the_bounds(ConstVectorRef theta, const Bounds& bounds);

/// The sizes, none larger than the way to the nearer limit.
Vector room_within(ConstVectorRef theta, const Bounds& bounds, Vector sizes);

}  // namespace optex
