#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace optex {

/// What came back for one submitted point: F and its gradient summed over all shards, or why there is none.
struct Evaluation {
  double value = std::numeric_limits<double>::quiet_NaN();
  Vector gradient;           ///< length d; empty when the evaluation failed
  Index gradients = 1;       ///< how many were computed for it
  std::string failure;       ///< empty when it ran; otherwise the cause with rank, point and shard
  bool outstanding = false;  ///< its round was closed without it: Evaluator::collect_quorum()

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

/// A round that may have been closed before all of it was there.
struct ClosedRound {
  std::vector<Evaluation> evaluations;  ///< as of Evaluator::collect()
  std::vector<LateAnswer> late;         ///< of earlier rounds, ascending by iteration and point
};

/// Where rank 0's time went since the round began, in seconds.
struct EvaluationTimes {
  double evaluate = 0.0;  ///< computing gradients itself
  double wait = 0.0;      ///< waiting for others
};

/// The one door between the mathematics and the machines: points in, values and gradients out.
///
/// A round is begin(points), then submit() once per point, then collect(). A point may start to be evaluated
/// as soon as it is submitted. Fewer points than announced are allowed; theta may be reused after submit()
/// returns.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  virtual Index dimension() const = 0;
  /// Opens a round of at most `points` evaluations.
  virtual void begin(Index points) = 0;
  /// Hands over the next point of the round. theta: length d, copied.
  virtual void submit(const SampleKey& key, ConstVectorRef theta) = 0;
  /// The same without a copy where the evaluator can do without one: it then owns theta, too, until the round
  /// is collected.
  virtual void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) {
    submit(key, *theta);
  }
  /// Waits for the round and returns one Evaluation per submitted point, in order of submission. Throws
  /// StallError when a rank stays silent; an objective that throws is reported in Evaluation::failure
  /// instead.
  virtual std::vector<Evaluation> collect() = 0;
  /// The same, but the round may be closed as soon as the point with SampleKey::point = 0 and `enough` points
  /// in all have their answers, failures included. The others come back as outstanding: they go on being
  /// computed, and a later round of this kind brings their answers. An evaluator that cannot go on without
  /// them waits for all.
  virtual ClosedRound collect_quorum(Index enough) {
    (void)enough;
    return {collect(), {}};
  }
  /// Before begin(): a point of an earlier round is outstanding, its answer is still wanted. Nothing happens
  /// when it is being computed here; after a restart, it is then computed again. theta: length d, copied.
  virtual void submit_late(const SampleKey& key, ConstVectorRef theta) {
    (void)key;
    (void)theta;
    throw Error(ExitCode::internal, "a late point was submitted to an evaluator that closes no round early");
  }
  /// Has the objective evaluated under this state from now on (Objective::renew()), on every rank. Between
  /// rounds only.
  virtual void renew(ConstVectorRef state) = 0;
  /// Times of the last round.
  virtual EvaluationTimes times() const = 0;
};

}  // namespace optex
