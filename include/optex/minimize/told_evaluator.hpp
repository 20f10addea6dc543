#pragma once

#include "optex/evaluation/evaluator.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace optex {

/// A point that waits for its value and gradient.
struct Question {
  Index number = 0;  ///< within its round, from 0
  SampleKey key;     ///< names the mini-batch of noisy objectives; with key.whole the exact F is wanted
  Vector theta;      ///< d
};

/// An evaluator that computes nothing: it notes what a method asks for and hands over what it was told. A
/// round may be run again from its beginning: a method changes its RunState at its end only, so that costs
/// the chain, never a gradient.
class ToldEvaluator final : public Evaluator {
 public:
  /// `wait`: comes back when there may be more answers. Without it there are no questions.
  explicit ToldEvaluator(Index dimension, std::function<void()> wait = {})
      : dimension_(dimension), wait_(std::move(wait)) {}

  /// Before each run of a round.
  void rewind();
  /// After a round that came to its end: its questions and answers are history.
  void forget();

  /// All questions of the round so far.
  const std::vector<Question>& questions() const { return questions_; }
  bool is_answered(Index number) const;
  /// One that says that there is none may be replaced. Throws UsageError when there is no such question, it
  /// has its answer, or the gradient is not of length d.
  void tell(Index number, Evaluation answer);

  Index dimension() const override { return dimension_; }
  void begin(const Opening& opening) override;
  void submit(Point point) override;
  using Evaluator::close;
  /// Of all points, when all answers are there.
  Round close(const Closing& how) override;
  /// True when the method goes on from this answer already.
  bool is_handed_over(Index number) const { return number < static_cast<Index>(first_); }
  /// Nothing: whoever computes the gradients keeps the state of his objective himself.
  void renew(ConstVectorRef) override {}

 private:
  Index dimension_;
  std::function<void()> wait_;
  std::vector<Question> questions_;
  std::vector<std::optional<Evaluation>> answers_;
  std::size_t next_ = 0;   ///< question that the next submit() asks
  std::size_t first_ = 0;  ///< first question of the present begin()
};

}  // namespace optex
