#pragma once

#include "optex/evaluation/repeating_evaluator.hpp"
#include "optex/methods/method.hpp"

#include <functional>
#include <memory>

namespace optex {

/// Takes one method for exact gradients and another for noisy ones, whichever the problem turns out to have.
///
/// The first round belongs to the method for exact gradients; beside it, its first point is evaluated once
/// more under another sample key. When the two gradients agree the run stays with that method, else the other
/// begins anew at the start (so that noise nobody declared costs one round). Decided once, in
/// RunState::regime.
class Automatic final : public Method {
 public:
  using Builder = std::function<std::unique_ptr<Method>(Evaluator&)>;

  /// The evaluator must outlive this object.
  Automatic(Evaluator& evaluator, const Builder& for_exact, const Builder& for_noisy);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  bool theta_is_free(const RunState& run) const override;
  bool stands_at_best(const RunState& run) const override;

 private:
  IterationReport decide(RunState& run);
  const Method& chosen(const RunState& run) const;

  RepeatingEvaluator evaluator_;
  std::unique_ptr<Method> for_exact_;
  std::unique_ptr<Method> for_noisy_;
};

}  // namespace optex
