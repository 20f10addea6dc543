#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <cstdint>
#include <memory>

namespace optex {

/// `steps` true optimiser steps, one after the other, counted as one round. One step is the plain optimiser
/// ("vanilla"); N steps are what an OptEx with perfect predictions would do ("target": the paper's ideal,
/// which no machine can reach, because its N gradients depend on each other). The optimizer must keep to
/// `bounds`.
///
/// With average_tail the answer is avg += min(1, 9/(t+8)) (theta - avg) after step t, kept in
/// RunState::average.
class Sequential final : public Method {
 public:
  Sequential(Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer, Index steps,
             std::uint64_t seed, Bounds bounds = {}, bool average_tail = false);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;

 private:
  IterationReport take_steps(RunState& run);
  Vector evaluate(RunState& run, Index step, IterationReport& report);

  Evaluator& evaluator_;
  std::shared_ptr<const Optimizer> optimizer_;
  Index steps_;
  std::uint64_t seed_;
  Bounds bounds_;
  bool average_tail_;
};

}  // namespace optex
