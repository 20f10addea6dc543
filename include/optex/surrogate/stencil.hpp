#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/row_combination.hpp"

#include <vector>

namespace optex {

/// Offsets k > 0, ascending: a symmetric matrix of this stencil has no entries but H_{j,j} and H_{j,j+-k}. A
/// band of half-width w is {1, .. w}, a grid with rows of m points {1, m}.
using Stencil = std::vector<Index>;
inline constexpr Index most_offsets = 4;
inline constexpr Index most_unknowns = 2 * most_offsets + 1;  ///< in a row of the matrix

Stencil band_stencil(Index width);
/// Whether products of two triangular matrices of the stencil have it too, as those of a band have: its
/// Cholesky factors are exact.
bool is_band(const Stencil& stencil);

/// A symmetric matrix of a stencil.
struct StencilMatrix {
  Stencil stencil;
  Matrix entries;  ///< d x (1 + offsets): the diagonal, then H_{j+k,j} for each offset k; 0 beyond the end

  /// Coordinates whose entry in `mask` (d, 0 or 1) is 0 have nothing to do with the others any more; their
  /// diagonal entries stay.
  void keep_only(const Vector& mask);
};

/// Offsets at which a symmetric matrix has entries, out of products with white signs: the mean of H_{j,j+k}
/// over j shows for all k at once in the correlation of signs and products. The strongest ones that white
/// noise would not have shown. Cost: one FFT of 2 d numbers a product.
Stencil find_stencil(const RowSet& signs, const RowSet& products, Index length);

}  // namespace optex
