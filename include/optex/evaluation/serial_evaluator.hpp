#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <memory>
#include <vector>

namespace optex {

/// Evaluates every shard of every point here and now, in the order of the fold tree: the same bits as on any
/// number of ranks. Keeps each submitted theta until collect(). No point is ever outstanding here: a quorum
/// has no effect, and late points are answered in the round before which they were submitted.
class SerialEvaluator : public Evaluator {
 public:
  /// The objective must outlive this object.
  explicit SerialEvaluator(const Objective& objective);

  Index dimension() const override { return dimension_; }
  void begin(Index points) override;
  void submit(const SampleKey& key, ConstVectorRef theta) override;
  void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) override;
  std::vector<Evaluation> collect() override;
  ClosedRound collect_quorum(Index enough) override;
  void submit_late(const SampleKey& key, ConstVectorRef theta) override;
  void renew(ConstVectorRef state) override { objective_.renew(state); }
  EvaluationTimes times() const override { return times_; }

 private:
  struct Point {
    SampleKey key;
    std::shared_ptr<const Vector> theta;
  };

  Evaluation evaluate(Point& point);

  const Objective& objective_;
  Index dimension_;
  Index announced_ = 0;
  std::vector<Point> points_;
  std::vector<Point> late_;  ///< of earlier rounds
  VectorPool pool_;
  EvaluationTimes times_;
};

}  // namespace optex
