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

  void begin(Index points) override;
  void submit(const SampleKey& key, ConstVectorRef theta) override;
  void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) override;
  /// When the inner evaluator throws RoundInterrupted, the marks and the points that were known already are
  /// added to it.
  std::vector<Evaluation> collect() override;
  /// The same. What is known has arrived.
  ClosedRound collect_quorum(Index enough) override;
  void submit_late(const SampleKey& key, ConstVectorRef theta) override { inner().submit_late(key, theta); }
  /// What was finished of the round that was broken off; empty as long as none was.
  const std::vector<FinishedPoint>& left_over() const { return left_over_; }

 private:
  /// A submission of this round.
  struct Place {
    std::uint64_t mark = 0;
    std::optional<Evaluation> known;  ///< else the inner evaluator has it
  };

  bool is_known(const SampleKey& key, ConstVectorRef theta);
  template <class Collect>
  auto or_remember(Collect collect);
  std::vector<Evaluation> with_known(std::vector<Evaluation> computed);

  std::vector<FinishedPoint> known_;
  std::vector<Place> round_;
  std::vector<FinishedPoint> left_over_;
};

}  // namespace optex
