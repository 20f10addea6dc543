#pragma once

#include "optex/core/types.hpp"

#include <vector>

/// The inner loops of the whitened method, a block of neighbouring coordinates at a time.
namespace optex::whitening {

/// Coordinates a block: 32 rows of it stay near the first-level cache.
inline constexpr Index block = 256;
/// Blocks that one thread takes at a time, and whose sums are added up before they meet those of others.
inline constexpr Index blocks_a_piece = 8;

/// How v becomes D: D^2 = sqrt(correction v) + epsilon.
struct Scaling {
  double beta2, correction, epsilon;
};

/// v = beta2 v + (1 - beta2) g^2;  inverse = 1 / D
void renew_scales(const Scaling& rule, const double* g, double* v, double* inverse, Index size);

/// to = a - b
void subtract(const double* a, const double* b, double* to, Index size);

/// to = a factor, and zeros up to `filled` numbers. Asks memory for the block that follows a's.
void scale_row(const double* a, const double* factor, double* to, Index size, Index filled);

/// rest = g - sum_i weight_i row_i;  then z -= rate rest / D^2. The rows' blocks begin at `first`.
void step(const Scaling& rule, const double* g, const std::vector<const double*>& rows,
          const std::vector<double>& weights, double rate, const double* v, double* z, Index first,
          Index size);

}  // namespace optex::whitening
