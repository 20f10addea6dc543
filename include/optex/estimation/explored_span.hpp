#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/history_in_units.hpp"

namespace optex {

/// The linear span of {theta_i - b}: the directions from b in which gradients are known. Works with inner
/// products (n x n); removing the span from a vector reads the thetas twice.
class ExploredSpan {
 public:
  /// b: length d, in the history's units, as are all vectors.
  ExploredSpan(const HistoryInUnits& history, ConstVectorRef b);

  /// |theta_i - b|, by age.
  const Vector& distances() const { return distances_; }

  /// v minus its projection onto the span, in place. v: length d. One call leaves about 1e-10 |v| of it.
  void remove_from(VectorRef v) const;

  /// Coefficients a_i with projection of v = sum_i a_i (theta_i - b), given v'(theta_i - b) for all i.
  Vector coefficients(ConstVectorRef products) const;

 private:
  HistoryInUnits history_;
  Vector b_;
  Vector offset_;             // theta_n - b, d
  Vector distances_;          // n
  Vector inverse_distances_;  // n; 0 for entries that are b itself
  Matrix basis_;  // n x rank: eigenvectors of the normalised Gram matrix over the root of their eigenvalue
};

}  // namespace optex
