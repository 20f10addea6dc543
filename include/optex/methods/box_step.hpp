#pragma once

#include "optex/core/bounds.hpp"
#include "optex/core/types.hpp"
#include "optex/methods/compact_hessian.hpp"

#include <vector>

namespace optex {

/// The two steps of L-BFGS-B (Byrd, Lu, Nocedal, Zhu, SIAM J. Sci. Comput. 16, 1995) over the model
/// g'p + p'B p / 2 of F(theta + p) - F(theta) in a box.

/// The first local minimum of the model on the path of steepest descent, in the units that D gives the
/// coordinates, which the limits bend: P(theta - t D^-1 g).
struct CauchyPoint {
  Vector step;              ///< from theta, d
  Vector weights;           ///< W'step, 2n
  std::vector<Index> free;  ///< coordinates that end strictly between their limits, ascending
};

/// The box holds theta. Cost: 4 n d, 4 n^2 for every limit that the path meets, and a heap of the limits.
CauchyPoint cauchy_point(const CompactHessian& hessian, const Bounds& bounds, ConstVectorRef theta,
                         ConstVectorRef gradient);

/// The step to the minimum of the model over the free coordinates, the others kept where the Cauchy point has
/// them, by the direct primal method; limits are not looked at. Empty when rounding made it impossible.
Vector subspace_minimum(const CompactHessian& hessian, const CauchyPoint& cauchy, ConstVectorRef gradient);

/// `wanted` brought into the box coordinate by coordinate; when that is no descent, the point of the box
/// farthest from the Cauchy point on the way to it (Morales and Nocedal, ACM TOMS 38, 2011).
Vector step_within(const Bounds& bounds, ConstVectorRef theta, ConstVectorRef gradient,
                   const CauchyPoint& cauchy, const Vector& wanted);

}  // namespace optex
