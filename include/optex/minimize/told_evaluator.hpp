#pragma once

#include "optex/evaluation/evaluator.hpp"

#include <optional>
#include <vector>

namespace optex {

/// A point that waits for its value and gradient.
struct Question {
  Index number = 0;  ///< within its round, from 0
  SampleKey key;     ///< names the mini-batch of noisy objectives; with key.whole the exact F is wanted
  Vector theta;      ///< d
};

/// Thrown through a method whose round cannot be finished yet. No error, so nothing catches it by the way.
struct AwaitingAnswers {};

/// An evaluator that computes nothing: it notes what a method asks for and hands over what it was told. A
/// round is run again from its beginning until all its answers are there; a method changes its RunState after
/// that only, so running it again costs the chain, never a gradient.
class ToldEvaluator final : public Evaluator {
 public:
  explicit ToldEvaluator(Index dimension) : dimension_(dimension) {}

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
  /// Of all points. Throws AwaitingAnswers.
  Round close(const Closing& how) override;
  /// Nothing: whoever computes the gradients keeps the state of his objective himself.
  void renew(ConstVectorRef) override {}

 private:
  Index dimension_;
  std::vector<Question> questions_;
  std::vector<std::optional<Evaluation>> answers_;
  std::size_t next_ = 0;   ///< question that the next submit() asks
  std::size_t first_ = 0;  ///< first question of the present begin()
};

}  // namespace optex
