#pragma once

#include "optex/evaluation/forwarding_evaluator.hpp"
#include "optex/evaluation/interrupted_round.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace optex {

/// Hands everything on to another evaluator, except points that were finished before their round was broken
/// off: these are answered from memory when the round is begun again. A point is taken for the same when it
/// is submitted in the same place under the same key with the same theta.
class RememberingEvaluator final : public ForwardingEvaluator {
 public:
  /// `inner` must outlive this object.
  RememberingEvaluator(Evaluator& inner, std::vector<FinishedPoint> known)
      : ForwardingEvaluator(inner), known_(std::move(known)) {}

  using Evaluator::close;
  void begin(const Opening& opening) override;
  void submit(Point point) override;
  /// When the inner evaluator throws RoundInterrupted, the marks and the points that were known already are
  /// added to it. What is known has arrived.
  Round close(const Closing& how) override;
  /// What was finished of the round that was broken off; empty as long as none was.
  const std::vector<FinishedPoint>& left_over() const { return left_over_; }

 private:
  /// A submission of this round.
  struct Place {
    std::uint64_t mark = 0;
    std::optional<Evaluation> known;  ///< else the inner evaluator has it
  };

  bool is_known(const Point& point);
  Round close_or_remember(const Closing& how);

  std::vector<FinishedPoint> known_;
  std::vector<Place> round_;
  std::vector<FinishedPoint> left_over_;
};

}  // namespace optex
