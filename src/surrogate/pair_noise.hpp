#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/quadratic_model.hpp"

namespace optex {

/// Noise of every pair: rho_i^2 = 1e-8 + inflation kappa^2 d_i^2 (1 + redundancy r_i). cosines, slopes: n x
/// n, s_i'W s_j and s_i'y_j of steps at unit length, changes divided by the same; squared_distances: n,
/// d_i^2. For one Hessian D_ij = s_i'y_j - s_j'y_i would be 0; D_ij ~ N(0, (1 - cos^2) (rho_i^2 + rho_j^2))
/// gives kappa^2 by maximum likelihood over 10^(-10 .. 4). r_i is the sum of cos^2 with the pairs that are
/// nearer: their errors have the same cause.
PairNoise noise_of_pairs(const Matrix& cosines, const Matrix& slopes, const Vector& squared_distances,
                         const Vector& held_shares, const ModelRules& rules);

}  // namespace optex
