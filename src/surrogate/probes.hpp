#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/quadratic_model.hpp"
#include "optex/surrogate/round_plan.hpp"
#include "optex/surrogate/row_span.hpp"
#include "optex/surrogate/scaled_rows.hpp"

namespace optex {

/// Probes about a step c of the model: c -+ h v downhill, |h v| a share of |c| in the model's norm. The
/// directions v are first what the newest changes of the gradient add to the span of the steps and c (block
/// Krylov), the strongest first, then random signs of the gradient outside that span.
class Probes {
 public:
  /// centre: weights of the rows. radius: |c|.
  Probes(const ScaledRows& rows, const RowSpan& span, const QuadraticModel& model, const Vector& centre,
         double radius, double least_length);

  /// The weights of as many probes as the newest pairs are good for, at most `most`: r x k.
  Matrix from_changes(Index newcomers, Index most);
  /// Further probes less c, in scaled variables: d x count.
  Matrix from_random_signs(const SampleKey& key, Index count) const;

 private:
  Index among_steps() const { return rows_.pairs() + 1; }
  double length(const Vector& in_span, double slope) const;
  void remove_explored(Vector& direction, const RowSet& explored) const;

  const ScaledRows& rows_;
  const RowSpan& span_;
  const QuadraticModel& model_;
  Vector centre_;  // r
  double radius_, least_length_;
  bool all_explored_;   // the steps and c span everything
  Matrix to_explored_;  // r x (n + 1): weights of the steps and of c
  RowSpan explored_;
  Matrix directions_;  // r x k: weights of those that were made of changes
};

}  // namespace optex
