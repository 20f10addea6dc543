#pragma once

#include "optex/evaluation/repeating_evaluator.hpp"
#include "optex/methods/method.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace optex {

/// Takes one method for exact gradients and another for noisy ones, whichever the problem turns out to have.
///
/// The first round belongs to the method for exact gradients; beside it, its first point is evaluated once
/// more under another sample key. When the two gradients agree the run stays with that method, else the other
/// begins anew at the start (so that noise nobody declared costs one round). Decided once, in
/// RunState::regime. Every report says what was taken and why.
class Automatic final : public Method {
 public:
  using Builder = std::function<std::unique_ptr<Method>(Evaluator&)>;
  struct Candidate {
    Builder build;
    std::string word = {};  ///< for reports: "surrogate: the gradients are exact"
  };

  /// Without `if_noisy` nothing is tested: `first` it is. The evaluator must outlive this object.
  Automatic(Evaluator& evaluator, const Candidate& first,
            const std::optional<Candidate>& if_noisy = std::nullopt);

  RunState initial_state(ConstVectorRef theta) const override;
  IterationReport iterate(RunState& run) override;
  bool theta_is_free(const RunState& run) const override;
  bool stands_at_best(const RunState& run) const override;
  std::optional<Ending> finished(const RunState& run) const override;

 private:
  struct Built {
    std::unique_ptr<Method> method;
    std::string word;
  };
  IterationReport decide(RunState& run);
  const Built& chosen(const RunState& run) const;

  RepeatingEvaluator evaluator_;
  Built first_;
  Built if_noisy_;  ///< no method when nothing is tested
};

}  // namespace optex
