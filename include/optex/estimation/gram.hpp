#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/gradient_history.hpp"

namespace optex {

/// What the prior says the gradient is far from all data.
enum class PriorMean {
  zero,      ///< the paper
  constant,  ///< an unknown constant, estimated by generalised least squares (ordinary kriging)
};

/// All that a fit needs to know of the history: n x n tables, nothing of size d.
struct Gram {
  Matrix squared_distances;      ///< |theta_i - theta_j|^2
  Matrix residual_products;      ///< S = R R', rows of R: g_i (zero prior mean) or g_i - g_n (constant)
  double median_distance = 1.0;  ///< of the pairs; a positive number always
  double mean_root_norm = 1.0;   ///< mean_i sqrt(|theta_i|), 1 when that is 0

  Index size() const { return squared_distances.rows(); }
};

/// Cost: n^2. The history must hold at least one entry.
Gram gram_of(const GradientHistory& history, PriorMean prior_mean);

}  // namespace optex
