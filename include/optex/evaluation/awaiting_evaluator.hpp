#pragma once

#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/forwarding_evaluator.hpp"

#include <functional>
#include <utility>

namespace optex {

/// Hands everything on to another evaluator; when a round's answers are there it runs `before_return`. Until
/// then a method has not touched its state (Method::iterate), so whatever must see the state as it was, a
/// checkpoint that is being written, can go on while points are evaluated.
class AwaitingEvaluator final : public ForwardingEvaluator {
 public:
  /// `inner` must outlive this object. What `before_return` throws leaves close(). `on_wait` (may be empty)
  /// hears true when the wait begins and false when it is over, however it ends.
  AwaitingEvaluator(Evaluator& inner, std::function<void()> before_return,
                    std::function<void(bool waits)> on_wait = {})
      : ForwardingEvaluator(inner), before_return_(std::move(before_return)), on_wait_(std::move(on_wait)) {}

  using Evaluator::close;
  /// What `before_return` took counts as waiting.
  Round close(const Closing& how) override {
    Round round = [&] {
      const Wait wait(on_wait_);
      return inner().close(how);
    }();
    const Stopwatch watch;
    before_return_();
    round.times.wait += watch.seconds();
    return round;
  }

 private:
  class Wait {
   public:
    explicit Wait(const std::function<void(bool)>& hears) : hears_(hears) {
      if (hears_) hears_(true);
    }
    ~Wait() {
      if (hears_) hears_(false);
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    const std::function<void(bool)>& hears_;
  };

  std::function<void()> before_return_;
  std::function<void(bool)> on_wait_;
};

}  // namespace optex
