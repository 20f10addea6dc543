#pragma once

#include "optex/methods/method.hpp"

#include <memory>
#include <utility>

namespace optex {

/// Any method for exact gradients, in a run that keeps the best evaluated point (RunState::best): its
/// answer is then never worse than that. BestPoint::note() is what enters it. Cost: d numbers.
class KeepingBest final : public Method {
 public:
  explicit KeepingBest(std::unique_ptr<Method> method) : method_(std::move(method)) {}

  RunState initial_state(ConstVectorRef theta) const override {
    RunState run = method_->initial_state(theta);
    run.best.theta = run.theta;
    return run;
  }
  IterationReport iterate(RunState& run) override { return method_->iterate(run); }
  bool theta_is_free(const RunState& run) const override { return method_->theta_is_free(run); }
  bool stands_at_best(const RunState& run) const override { return method_->stands_at_best(run); }
  std::optional<Ending> finished(const RunState& run) const override { return method_->finished(run); }

 private:
  std::unique_ptr<Method> method_;
};

}  // namespace optex
