#pragma once

#include "optex/core/reductions.hpp"
#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optex {

/// Where F is wanted. theta (length d) is shared, never copied, and nobody changes it any more.
struct Point {
  SampleKey key;
  std::shared_ptr<const Vector> theta;
};

/// A point at a copy of theta.
inline Point point_at(const SampleKey& key, ConstVectorRef theta) {
  return {key, std::make_shared<const Vector>(theta)};
}

/// What is known of a round when it begins.
struct Opening {
  Index points = 0;  ///< at most so many are submitted
  /// Points of earlier rounds that are outstanding and whose answers are still wanted. Nothing happens when
  /// they are being computed here; after a restart, they are then computed again.
  std::vector<Point> late = {};
};

/// How a round is to end.
struct Closing {
  /// So many answers, failures included, those to the `needed` points among them, will do: the other points
  /// come back as outstanding, go on being computed, and are answered in a later round of this kind. An
  /// evaluator that cannot go on without them waits for all. Unset: all points.
  std::optional<Index> enough = {};
  std::vector<std::int32_t> needed = {0};  ///< SampleKey::point
};

/// What came back for one submitted point: F and its gradient summed over all shards, or why there is none.
struct Evaluation {
  double value = std::numeric_limits<double>::quiet_NaN();
  Vector gradient;           ///< length d; empty when the evaluation failed
  Index gradients = 1;       ///< how many were computed for it
  std::string failure;       ///< empty when it ran; otherwise the cause with rank, point and shard
  bool outstanding = false;  ///< its round was closed without it: Closing::enough

  bool failed() const { return !failure.empty(); }
};

/// True when value and gradient may enter the mathematics: it ran and every number is finite. One pass over
/// d.
inline bool is_usable(const Evaluation& evaluation) {
  return !evaluation.outstanding && !evaluation.failed() && std::isfinite(evaluation.value) &&
         all_finite(evaluation.gradient);
}

/// The answer to a point that an earlier round was closed without.
struct LateAnswer {
  SampleKey key;
  Evaluation evaluation;
};

/// Where rank 0's time went since the round began, in seconds.
struct EvaluationTimes {
  double evaluate = 0.0;  ///< computing gradients itself
  double wait = 0.0;      ///< waiting for others
};

/// A round that is over.
struct Round {
  std::vector<Evaluation> evaluations;  ///< one for each submitted point, in order of submission
  std::vector<LateAnswer> late = {};    ///< of earlier rounds, ascending by iteration and point
  EvaluationTimes times = {};
};

/// The one door between the mathematics and the machines: points in, values and gradients out.
///
/// A round is begin(), then submit() once per point, then close(). A point may start to be evaluated as soon
/// as it is submitted. Fewer points than announced are allowed.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  virtual Index dimension() const = 0;
  virtual void begin(const Opening& opening) = 0;
  /// The next point of the round leaves at once.
  virtual void submit(Point point) = 0;
  /// The only end of a round. Throws StallError when a rank stays silent; an objective that throws is
  /// reported in Evaluation::failure instead.
  virtual Round close(const Closing& how) = 0;
  Round close() { return close(Closing{}); }
  /// Has the objective evaluated under this state from now on (Objective::renew()), on every rank. Between
  /// rounds only.
  virtual void renew(ConstVectorRef state) = 0;
};

}  // namespace optex
