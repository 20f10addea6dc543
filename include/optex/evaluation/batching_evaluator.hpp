#pragma once

#include "optex/evaluation/forwarding_evaluator.hpp"

#include <memory>
#include <vector>

namespace optex {

/// Evaluates every point on several mini-batches and hands on the mean: one Evaluation a point, whose noise
/// is that of the union of the batches. A point fails when one of its batches does.
class BatchingEvaluator final : public ForwardingEvaluator {
 public:
  /// `inner` must outlive this object; batches >= 1.
  BatchingEvaluator(Evaluator& inner, Index batches) : ForwardingEvaluator(inner), batches_(batches) {}

  void begin(Index points) override { inner().begin(points * batches_); }
  void submit(const SampleKey& key, ConstVectorRef theta) override;
  void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) override;
  std::vector<Evaluation> collect() override;

 private:
  Index batches_;
};

}  // namespace optex
