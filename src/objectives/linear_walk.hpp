#pragma once

#include "classification.hpp"

namespace optex {

/// Walks `samples` in order and hands W x + b of each to `visit`. layer: (features + 1) x outputs as
/// with_bias_row() makes it. With `slope`, of the same shape, `visit` leaves the derivative with respect to
/// the outputs in their place and x (derivative)' is added to it.
///
/// Dense data go through matrix products in blocks, or, for a single output, through reductions in fixed
/// order; of sparse data only what is stored is touched, 2 x stored x outputs operations each way.
void walk_linear(const Dataset& data, std::span<const Index> samples, const Matrix& layer,
                 const OutputVisit& visit, Matrix* slope = nullptr);

}  // namespace optex
