#pragma once

#include "optex/evaluation/forwarding_evaluator.hpp"

#include <optional>

namespace optex {

/// Hands everything on to another evaluator; asked to, it evaluates the first point of a round a second time
/// under another sample key, side by side with the others, and tells whether the two gradients differ.
class RepeatingEvaluator final : public ForwardingEvaluator {
 public:
  /// `inner` must outlive this object.
  explicit RepeatingEvaluator(Evaluator& inner) : ForwardingEvaluator(inner) {}

  /// The next round repeats its first point. One evaluation more.
  void repeat_next_round() { repeat_ = true; }

  /// What the last repetition found: |g - g'| > 1e-8 |g|, a value that differs as much, or one of the two
  /// that is not finite. Nothing before the first one. The bound is far above rounding (an objective may sum
  /// in another order each time) and far below any noise that a method would have to care for.
  std::optional<bool> gradients_differ() const { return differ_; }

  using Evaluator::close;
  void begin(const Opening& opening) override;
  void submit(Point point) override;
  /// Of all points when one is repeated.
  Round close(const Closing& how) override;

 private:
  bool repeat_ = false;
  Index announced_ = 0;
  std::optional<Point> first_;  ///< of a round in which it is repeated
  std::optional<bool> differ_;
};

}  // namespace optex
