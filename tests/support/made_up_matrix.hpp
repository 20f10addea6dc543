#pragma once

#include "optex/core/types.hpp"

#include <cmath>

namespace optex::test {

/// Entries in [-1, 1] without a pattern.
inline Matrix made_up(Index rows, Index cols) {
  Matrix matrix(rows, cols);
  for (Index j = 0; j < cols; ++j)
    for (Index i = 0; i < rows; ++i)
      matrix(i, j) = std::sin(static_cast<double>(1 + i * i * 7 + j * j * (i + 3) * 13));
  return matrix;
}

}  // namespace optex::test
