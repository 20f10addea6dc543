#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// Eigenvalues, ascending, and eigenvectors, by columns.
struct SymmetricEigen {
  Vector values;
  Matrix vectors;
};

/// Of a symmetric matrix whose lower triangle is read. To a tridiagonal matrix by reflections and from there
/// by shifted QR steps, like Eigen's solver; but rotations are gathered and then go over some rows at a time,
/// and reflections are blocked, which takes a third of the time for some hundred rows. The same digits for
/// any vectors and threads.
SymmetricEigen symmetric_eigen(const Matrix& matrix);

}  // namespace optex
