#pragma once

#include "optex/surrogate/quadratic_model.hpp"

namespace optex {

/// A metric W = gamma (I - Q Q') + N D N' of size m by few vectors, D diagonal, and what the pairs are in it.
struct Metric {
  double outside;  ///< gamma
  Matrix basis;    ///< Q, r x q: its first rows, the others are 0; no columns: 0
  Matrix span;     ///< N, m x p
  Vector weights;  ///< D, p

  Matrix dense(Index size) const;  ///< the first rows and columns of W, as many as Q has where it has any
};

/// Damped BFGS from gamma I, oldest of the newest pairs first.
Metric metric_of_newest(const PairsInSpan& pairs, double outside, Index newest);
Metric metric_of(const CompletedHessian& hessian);

/// Steps and middles of the pairs, measured.
struct MeasuredPairs {
  Matrix beside;           ///< n x r: S (I - Q Q'); empty: S itself
  Matrix along;            ///< n x p: S N
  Matrix products;         ///< n x n: S W S'
  Vector squared_middles;  ///< n
};
MeasuredPairs measured(const PairsInSpan& pairs, const Metric& metric);

}  // namespace optex
