#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <memory>

namespace optex {

/// A walk with predicted gradients when distances are measured in m of the d coordinates. What the model says
/// anywhere depends on these alone, and so does where a coordinate-wise rule moves them: the walk goes
/// through m coordinates and finds the weights of every step, and GradientHistory::follow() then takes all
/// steps in all coordinates in one pass over the gradients. The points have the same bits as those of a walk
/// in d coordinates. Setting up collects n m numbers, a step costs O(n m + n^2).
class SubsetWalk {
 public:
  /// Whether a walk in `count` coordinates is little work beside a pass over all of them.
  static constexpr bool saves(Index count, Index dimension) { return 4 * count <= dimension; }
  /// Whether there is such a walk: distances in few coordinates, no linear trend, and a rule that can be
  /// restricted to them.
  static bool is_possible(const Posterior& posterior, const Optimizer& optimizer);

  /// Requires is_possible(). theta: length d. The posterior must outlive the walk.
  SubsetWalk(const Posterior& posterior, const Optimizer& optimizer, ConstVectorRef theta,
             const OptimizerState& state);

  double variance() const { return here_.variance; }
  /// mu where the walk stands.
  FieldWeights field() const { return posterior_.field(here_.weights); }
  /// |mu - g_entry|^2 where the walk stands; entry by age. O(n^2), nothing of size d.
  double squared_error_at(Index entry) const;

  /// One step with mu, or with a gradient of one's own (d).
  void advance();
  void advance_along(ConstVectorRef gradient);

 private:
  void take_step(const Vector& gradient);
  void arrive();

  const Posterior& posterior_;
  const GradientHistory& history_;
  std::shared_ptr<const Optimizer> rule_;
  Matrix gradients_;      // m x n, by age
  Matrix products_;       // g_i'g_j, or (g_i - g_n)'(g_j - g_n) when mu is about the newest; n x n
  Vector part_;           // theta at the coordinates, m
  OptimizerState state_;  // moments m x k
  Posterior::Weighting here_;
};

}  // namespace optex
