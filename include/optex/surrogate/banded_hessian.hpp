#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/row_combination.hpp"

#include <array>
#include <vector>

namespace optex {

/// Half-widths that a banded Hessian is tried with.
inline constexpr std::array<Index, 4> band_widths = {0, 1, 2, 4};
inline constexpr Index widest_band = 4;

/// Pairs that count by their weights.
struct WeightedPairs {
  std::vector<const double*> steps, changes;  ///< rows of length d
  std::vector<double> weights;
  std::vector<Index> places;  ///< of the pairs in the memory
};

/// Sums over pairs from which a banded Hessian of any of the widths follows: products of entries of a step,
/// and of a step and a change, that are near each other. Cost: 18 products a pair and coordinate. Memory: 18
/// rows of d.
class BandSums {
 public:
  BandSums(const WeightedPairs& pairs, Index length);

  /// The symmetrised least-squares solution of y_ij = sum over |k| <= width of H_{j,j+k} s_{i,j+k}, row by
  /// row, with a ridge: d x (width + 1), column k holds H_{j+k,j}.
  Matrix hessian(Index width) const;

 private:
  Matrix steps_;  // d x (2 W + 1): sum of w^2 s_j s_{j+k}
  Matrix mixed_;  // d x (2 W + 1): sum of w^2 s_{j+k-W} y_j
};

/// sum over pairs of w^2 |y - H s|^2 for a banded H as above.
double squared_error(const Matrix& hessian, const WeightedPairs& pairs);

}  // namespace optex
