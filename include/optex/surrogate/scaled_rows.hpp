#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/known_part.hpp"
#include "optex/surrogate/pair_memory.hpp"
#include "optex/surrogate/prior_scale.hpp"

namespace optex {

/// The vectors that a model is made of, in the variables of the prior (x~ = C'x, g~ = C^-1 g; without one
/// as they are): the n steps, the n changes, the gradient at the best point and, when there is one, the
/// residual of the round before. Their products are all that the n x n algebra sees.
class ScaledRows {
 public:
  /// All of these must live as long as this. scale: null without a prior; known: the part of the Hessian
  /// whose changes the pairs have not, and are given here; residual: d, or empty.
  ScaledRows(const PairMemory& pairs, const PriorScale* scale, const KnownPart* known,
             ConstVectorRef best_theta, ConstVectorRef best_gradient, const Vector& residual);
  ScaledRows(const ScaledRows&) = delete;
  ScaledRows& operator=(const ScaledRows&) = delete;

  Index pairs() const { return pairs_.size(); }
  Index count() const { return products_.rows(); }
  Index gradient() const { return 2 * pairs(); }      ///< its place
  Index residual() const { return 2 * pairs() + 1; }  ///< its place, if it is there
  bool has_residual() const { return count() > residual(); }
  Index length() const { return pairs_.dimension(); }

  const Matrix& products() const { return products_; }  ///< r x r
  const Matrix& middles() const { return middles_; }    ///< r x n: with the middles less the best point
  /// The rows themselves, to be combined.
  RowSet rows() const;
  const RowSet& steps() const { return steps_; }
  RowSet changes() const;

  /// Vectors by columns.
  Matrix in_theta(Matrix scaled) const;  ///< x from x~
  Vector scaled_step(ConstVectorRef step) const;

 private:
  const PairMemory& pairs_;
  const PriorScale* const scale_;  // null: none
  RowSet steps_;
  Vector gradient_, residual_;  // scaled
  Matrix changes_;              // d x n, scaled; where they are not those of the pairs
  Matrix products_, middles_;
};

}  // namespace optex
