#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <vector>

namespace optex {

/// Evaluates every shard of every point here and now, in the order of the fold tree: the same bits as on any
/// number of ranks. No point is ever outstanding here: Closing::enough has no
/// effect, and late points are answered in the round whose opening names them.
class SerialEvaluator : public Evaluator {
 public:
  /// The objective must outlive this object.
  explicit SerialEvaluator(const Objective& objective);

  using Evaluator::close;
  Index dimension() const override { return dimension_; }
  void begin(const Opening& opening) override;
  void submit(Point point) override;
  Round close(const Closing& how) override;
  void renew(ConstVectorRef state) override { objective_.renew(state); }

 private:
  Evaluation evaluate(Point& point);

  const Objective& objective_;
  Index dimension_;
  Index announced_ = 0;
  std::vector<Point> points_;
  std::vector<Point> late_;  ///< of earlier rounds
  VectorPool pool_;
};

}  // namespace optex
