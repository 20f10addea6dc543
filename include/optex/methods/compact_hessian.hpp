#pragma once

#include "optex/core/types.hpp"
#include "optex/methods/secant_pairs.hpp"

#include <optional>
#include <vector>

namespace optex {

/// The limited-memory BFGS matrix B = D - W M W' in compact form (Byrd, Nocedal, Schnabel, Mathematical
/// Programming 63, 1994): D = diag(b), W = [Y, D S] is d x 2n, M 2n x 2n, with the n pairs oldest first, each
/// divided by sqrt(s'y) so that the small matrices have no units.
///
/// B keeps references to the pairs and to b.
class CompactHessian {
 public:
  /// Nothing when B cannot be told from a singular matrix. Requires s'y > 0 for every pair and b > 0. Cost: 2
  /// n^2 d multiplications.
  static std::optional<CompactHessian> of(const SecantPairs& pairs, const Vector& b);

  const Vector& diagonal() const { return *diagonal_; }  ///< b
  Index rank() const { return 2 * pairs_->size(); }      ///< 2n
  Vector row(Index coordinate) const;                    ///< of W
  Vector transposed_times(ConstVectorRef v) const;       ///< W'v; v of length d. Cost: 2 n d
  Vector middle_times(ConstVectorRef v) const;           ///< M v; v of length 2n. Cost: 4 n^2

  /// The solution v of B_FF v = r_F, where F are the coordinates in `free` and r is of length |F|; nothing
  /// when rounding has made that impossible. Cost: 4 n^2 d multiplications.
  std::optional<Vector> solve_within(const std::vector<Index>& free, ConstVectorRef r) const;

 private:
  CompactHessian(const SecantPairs& pairs, const Vector& b) : pairs_(&pairs), diagonal_(&b) {}
  Matrix products_over(const std::vector<Index>& coordinates) const;
  Matrix normalized(const Matrix& products) const;

  const SecantPairs* pairs_;
  const Vector* diagonal_;
  Vector weights_;  // n: 1 / sqrt(s'y)
  Matrix lower_;    // n x n, L_ij = s_i'y_j for i > j, else 0
  Matrix factor_;   // J, n x n, lower triangle: J J' = S'D S + L L'
};

}  // namespace optex
