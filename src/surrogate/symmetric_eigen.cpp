#include "optex/surrogate/symmetric_eigen.hpp"

#include "optex/core/eight_lanes.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/surrogate/matrix_products.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <Eigen/Eigenvalues>
#include <Eigen/Jacobi>

namespace optex {
namespace {

constexpr Index most_sweeps = 30;  // of QR steps, times n
constexpr Index together = 32;     // rows that go through all rotations side by side
constexpr Index reflections = 32;  // that are applied at once

/// Of columns `first` and `first + 1`.
struct Rotation {
  Index first;
  double cosine, sine;
};

/// A shifted QR step on the unreduced part [start, end] of a tridiagonal matrix.
void qr_step(Vector& diagonal, Vector& beside, Index start, Index end, std::vector<Rotation>& rotations) {
  const double half = 0.5 * (diagonal[end - 1] - diagonal[end]);
  const double corner = beside[end - 1];
  double shift = diagonal[end];  // Wilkinson's
  if (half == 0.0)
    shift -= std::abs(corner);
  else
    shift -= corner / ((half + std::copysign(std::hypot(half, corner), half)) / corner);
  double x = diagonal[start] - shift;
  double bulge = beside[start];
  for (Index k = start; k < end && bulge != 0.0; ++k) {
    Eigen::JacobiRotation<double> rotation;
    rotation.makeGivens(x, bulge);
    const double c = rotation.c();
    const double s = rotation.s();
    const double left = s * diagonal[k] + c * beside[k];
    const double right = s * beside[k] + c * diagonal[k + 1];
    diagonal[k] = c * (c * diagonal[k] - s * beside[k]) - s * (c * beside[k] - s * diagonal[k + 1]);
    diagonal[k + 1] = s * left + c * right;
    beside[k] = c * left - s * right;
    if (k > start) beside[k - 1] = c * beside[k - 1] - s * bulge;
    x = beside[k];
    if (k < end - 1) {
      bulge = -s * beside[k + 1];
      beside[k + 1] *= c;
    }
    rotations.push_back({k, c, s});
  }
}

/// The diagonal becomes the eigenvalues.
std::vector<Rotation> diagonalise(Vector& diagonal, Vector& beside) {
  std::vector<Rotation> rotations;
  const Index n = diagonal.size();
  Index end = n - 1;
  for (Index step = 0; step < most_sweeps * n; ++step) {
    for (Index i = 0; i < end; ++i)
      if (std::abs(beside[i]) <=
          std::numeric_limits<double>::epsilon() * (std::abs(diagonal[i]) + std::abs(diagonal[i + 1])))
        beside[i] = 0.0;
    while (end > 0 && beside[end - 1] == 0.0) --end;
    if (end <= 0) break;
    Index start = end - 1;
    while (start > 0 && beside[start - 1] != 0.0) --start;
    qr_step(diagonal, beside, start, end, rotations);
  }
  return rotations;
}

/// `together` rows of a matrix, column by column, times all rotations.
template <int Bytes>
OPTEX_INLINE void rotate_rows_in_vectors(const Rotation* rotations, Index count, double* rows) {
  constexpr Index lanes = LanesOf<Bytes>::count;
  constexpr Index vectors = 4;  // independent of each other, as many as hide how long one takes
  for (Index first = 0; first < together; first += vectors * lanes) {
    Lanes<Bytes> x[vectors] = {};
    Index held = -1;  // column that is in x
    const auto at = [&](Index column, Index v) { return rows + column * together + first + v * lanes; };
    for (Index i = 0; i < count; ++i) {
      const Rotation& rotation = rotations[i];
      if (rotation.first != held) {
        for (Index v = 0; v < vectors; ++v) {
          if (held >= 0) store_lanes<Bytes>(x[v], at(held, v));
          load_lanes<Bytes>(at(rotation.first, v), x[v]);
        }
      }
      for (Index v = 0; v < vectors; ++v) {
        Lanes<Bytes> y;
        load_lanes<Bytes>(at(rotation.first + 1, v), y);
        store_lanes<Bytes>(rotation.cosine * x[v] - rotation.sine * y, at(rotation.first, v));
        x[v] = rotation.sine * x[v] + rotation.cosine * y;
      }
      held = rotation.first + 1;
    }
    if (held >= 0)
      for (Index v = 0; v < vectors; ++v) store_lanes<Bytes>(x[v], at(held, v));
  }
}
OPTEX_IN_VECTORS(rotate_rows, (const Rotation* rotations, Index count, double* rows),
                 (rotations, count, rows))

/// Eigenvectors of the tridiagonal matrix, its columns in this order.
Matrix rotated_identity(const std::vector<Rotation>& rotations, const std::vector<Index>& order) {
  const Index n = std::ssize(order);
  Matrix result(n, n);
  parallel_for((n + together - 1) / together, 1, [&](Index part) {
    std::vector<double> rows(static_cast<std::size_t>(n * together), 0.0);
    const Index first = part * together;
    const Index size = std::min(together, n - first);
    for (Index i = 0; i < size; ++i) rows[static_cast<std::size_t>((first + i) * together + i)] = 1.0;
    rotate_rows(rotations.data(), std::ssize(rotations), rows.data());
    for (Index k = 0; k < n; ++k)
      std::copy_n(rows.data() + order[static_cast<std::size_t>(k)] * together, size,
                  result.col(k).data() + first);
  });
  return result;
}

/// vectors = H_0 H_1 .. vectors, H_i = I - c_i v_i v_i'; v_i stands below the first subdiagonal, its entry 1
/// on it is not stored. I - V T V' is the product of some of them.
void reflect(const Matrix& packed, const Vector& coefficients, Matrix& vectors) {
  const Index n = packed.rows();
  for (Index first = (coefficients.size() - 1) / reflections * reflections; first >= 0;
       first -= reflections) {
    const Index count = std::min(reflections, coefficients.size() - first);
    const Index height = n - 1 - first;
    Matrix v = packed.block(first + 1, first, height, count);
    for (Index i = 0; i < count; ++i) {
      v.col(i).head(i).setZero();
      v(i, i) = 1.0;
    }
    const Matrix products = symmetric_product(turned(v), plain(v));
    Matrix t = Matrix::Zero(count, count);
    for (Index i = 0; i < count; ++i) {
      const double c = coefficients[first + i];
      t(i, i) = c;
      t.col(i).head(i) = -c * (t.topLeftCorner(i, i) * products.col(i).head(i));
    }
    auto below = vectors.bottomRows(height);
    const Matrix part = product(turned(v), plain(below));
    below -= product(plain(v), plain(Matrix(t * part)));
  }
}

}  // namespace

SymmetricEigen symmetric_eigen(const Matrix& matrix) {
  const Index n = matrix.rows();
  if (n < 2) return {matrix.reshaped(), Matrix::Identity(n, n)};
  const double largest = matrix.triangularView<Eigen::Lower>().toDenseMatrix().cwiseAbs().maxCoeff();
  const double scale = largest > 0.0 && std::isfinite(largest) ? largest : 1.0;
  const Eigen::Tridiagonalization<Matrix> tridiagonal(matrix / scale);
  Vector diagonal = tridiagonal.diagonal();
  Vector beside = tridiagonal.subDiagonal();
  const std::vector<Rotation> rotations = diagonalise(diagonal, beside);
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return diagonal[i] < diagonal[j]; });
  SymmetricEigen found{scale * diagonal(order), rotated_identity(rotations, order)};
  reflect(tridiagonal.packedMatrix(), tridiagonal.householderCoefficients(), found.vectors);
  return found;
}

}  // namespace optex
