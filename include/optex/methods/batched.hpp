#pragma once

#include "optex/evaluation/batching_evaluator.hpp"
#include "optex/methods/method.hpp"

#include <functional>
#include <memory>

namespace optex {

/// Any method, with the mean of several mini-batches wherever it asks for one gradient.
class Batched final : public Method {
 public:
  using Builder = std::function<std::unique_ptr<Method>(Evaluator&)>;

  /// The evaluator must outlive this object; batches >= 1.
  Batched(Evaluator& evaluator, Index batches, const Builder& build)
      : evaluator_(evaluator, batches), method_(build(evaluator_)) {}

  RunState initial_state(ConstVectorRef theta) const override { return method_->initial_state(theta); }
  IterationReport iterate(RunState& run) override { return method_->iterate(run); }
  std::optional<Ending> finished(const RunState& run) const override { return method_->finished(run); }
  bool stands_at_best(const RunState& run) const override { return method_->stands_at_best(run); }

 private:
  BatchingEvaluator evaluator_;
  std::unique_ptr<Method> method_;
};

}  // namespace optex
