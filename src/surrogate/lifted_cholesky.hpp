#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// Lower L with L L' = a, made positive definite by as little as it takes.
Matrix lifted_cholesky(const Matrix& a);
Matrix inverse_of_upper(const Matrix& upper);

}  // namespace optex
