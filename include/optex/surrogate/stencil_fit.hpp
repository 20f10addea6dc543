#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/types.hpp"
#include "optex/surrogate/stencil.hpp"

#include <vector>

namespace optex {

/// Pairs that count by their weights.
struct WeightedPairs {
  std::vector<const double*> steps, changes;  ///< rows of length d
  std::vector<double> weights;
  std::vector<Index> places;  ///< of the pairs in the memory
};

/// What follows is for rows that consist of stretches: what is on both sides of the end of one is not
/// coupled. Stretches stand one after the other and are the whole of a row. So ranks that hold slices, which
/// are made of whole segments, and a rank that holds all come to the same matrices (core/coordinate_slices).

/// Sums over pairs from which a Hessian of any of some stencils follows: products of entries of a step, and
/// of a step and a change, as far from each other as the stencils reach. Cost, a pair and coordinate, and
/// memory, in rows of d: 18 for bands up to half-width 4; a grid adds as many again.
class StencilSums {
 public:
  StencilSums(const WeightedPairs& pairs, const std::vector<Slice>& stretches,
              const std::vector<Stencil>& stencils);

  /// The symmetrised least-squares solution of y_ij = sum over k of H_{j,j+k} s_{i,j+k}, row by row, with a
  /// ridge, for one of the stencils.
  StencilMatrix hessian(const Stencil& stencil) const;

 private:
  std::vector<Slice> stretches_;
  std::vector<Index> lags_, shifts_;  // ascending
  Matrix steps_;                      // d x lags: sum of w^2 s_j s_{j+lag}
  Matrix mixed_;                      // d x shifts: sum of w^2 s_{j+shift} y_j
};

/// sum over pairs of w^2 |y - H s|^2, stretch by stretch; with a mask (d, 0 or 1) over the coordinates that
/// count.
std::vector<double> squared_errors(const StencilMatrix& hessian, const WeightedPairs& pairs,
                                   const std::vector<Slice>& stretches, const Vector& mask = {});

}  // namespace optex
