#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// The lower triangle of `a`, all that is looked at, becomes L with L L' = a; what is above it is left over.
/// False, and nothing worth keeping in `a`, where that is not positive definite.
bool cholesky_in_place(Matrix& a);
/// Lower L with L L' = a, made positive definite by as little as it takes.
Matrix lifted_cholesky(const Matrix& a);
Matrix inverse_of_upper(const Matrix& upper);

}  // namespace optex
