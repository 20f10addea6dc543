#pragma once

#include "optex/evaluation/forwarding_evaluator.hpp"

namespace optex {

/// Evaluates every point on several mini-batches and hands on the mean: one Evaluation a point, whose noise
/// is that of the union of the batches. A point fails when one of its batches does.
class BatchingEvaluator final : public ForwardingEvaluator {
 public:
  /// `inner` must outlive this object; batches >= 1.
  BatchingEvaluator(Evaluator& inner, Index batches) : ForwardingEvaluator(inner), batches_(batches) {}

  using Evaluator::close;
  void begin(const Opening& opening) override { inner().begin({opening.points * batches_, opening.late}); }
  void submit(Point point) override;
  /// Of all points: what is made of several answers does not end before them.
  Round close(const Closing& how) override;

 private:
  Index batches_;
};

}  // namespace optex
