#pragma once

#include "optex/core/types.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <vector>

namespace optex {

/// A walk with predicted gradients whose update rule is linear in the gradients. Point, velocity and
/// prediction then stay in the span of
///   x_i = theta_i - theta_n,  r_i = g_i - g_n  (i = 1 .. n),  g_n,  u = theta - theta_n,  m (the velocity at
///   the start),
/// theta being where it starts, and are known by their 2 n + 3 coefficients. Distances and norms follow from
/// the Gram matrix of these vectors, so that a step costs O(n^2) and nothing of size d. Setting up reads the
/// history three times, realise() once. Agrees with a walk in d coordinates up to rounding.
class SpanWalk {
 public:
  /// Whether such a walk exists: the rule is linear.
  static bool is_possible(const Optimizer& optimizer);
  /// Whether it is worth its own cost for a walk of `steps` steps of which `realised` vectors are asked for.
  static bool pays(Index steps, Index realised) { return steps > realised + 8; }

  /// Requires is_possible(). theta: length d. The posterior must outlive the walk.
  SpanWalk(const Posterior& posterior, const Optimizer& optimizer, ConstVectorRef theta,
           const OptimizerState& state);

  using Coefficients = Vector;  ///< 2 n + 3

  std::int64_t step_count() const { return step_; }
  double variance() const { return here_.variance; }
  Coefficients prediction() const;                            ///< of mu where the walk stands
  const Coefficients& offset() const { return offset_; }      ///< of theta - theta_n
  const Coefficients& velocity() const { return velocity_; }  ///< of the rule's moment
  /// |mu - g_entry|^2 where the walk stands; entry by age.
  double squared_error_at(Index entry) const;
  bool is_finite() const { return offset_.allFinite(); }

  /// One step with mu, or with the true gradient of a history entry.
  void advance();
  void advance_along(Index entry);

  /// A vector to be written out: theta_n + its combination (a point), or the combination alone.
  struct Wanted {
    Coefficients coefficients;
    bool is_point = true;
    Vector* out = nullptr;  ///< length d
  };
  /// One pass over the history for all of them.
  void realise(const std::vector<Wanted>& wanted) const;

 private:
  Index x(Index i) const { return i; }
  Index r(Index i) const { return entries_ + i; }
  Index newest_gradient() const { return 2 * entries_; }
  Index start() const { return 2 * entries_ + 1; }
  Index first_velocity() const { return 2 * entries_ + 2; }
  void take_step(const Coefficients& gradient);
  void arrive();

  const Posterior& posterior_;
  const GradientHistory& history_;
  LinearRule rule_;
  Index entries_;                                           // n
  Vector newest_gradient_, start_offset_, first_velocity_;  // g_n, u, m: d each; m empty without momentum
  Matrix products_;  // of all these vectors with each other, (2 n + 3)^2
  Coefficients offset_, velocity_;
  std::int64_t step_;
  Posterior::Weighting here_;
};

}  // namespace optex
