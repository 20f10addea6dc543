#include "optex/minimize/told_evaluator.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"

#include <string>
#include <utility>

namespace optex {

void ToldEvaluator::rewind() { next_ = first_ = 0; }

void ToldEvaluator::forget() {
  questions_.clear();
  answers_.clear();
  rewind();
}

bool ToldEvaluator::is_answered(Index number) const {
  return number >= 0 && number < std::ssize(answers_) &&
         answers_[static_cast<std::size_t>(number)].has_value();
}

void ToldEvaluator::tell(Index number, Evaluation answer) {
  if (number < 0 || number >= std::ssize(questions_))
    throw UsageError("there is no point " + std::to_string(number) +
                     " in this round, which has points 0 to " + std::to_string(questions_.size() - 1));
  if (is_answered(number) && !answers_[static_cast<std::size_t>(number)]->failed())
    throw UsageError("point " + std::to_string(number) + " has its answer already");
  if (!answer.failed() && answer.gradient.size() != dimension_)
    throw UsageError("the gradient of point " + std::to_string(number) + " has " +
                     std::to_string(answer.gradient.size()) + " numbers, the dimension is " +
                     std::to_string(dimension_));
  answers_[static_cast<std::size_t>(number)] = std::move(answer);
}

void ToldEvaluator::begin(const Opening&) { first_ = next_; }

void ToldEvaluator::submit(Point point) {
  const SampleKey& key = point.key;
  const Vector& theta = *point.theta;
  if (theta.size() != dimension_) throw Error(ExitCode::internal, "a point of another length was submitted");
  if (next_ == questions_.size()) {
    questions_.push_back({static_cast<Index>(next_), key, theta});
    answers_.emplace_back();
  } else if (questions_[next_].theta != theta || questions_[next_].key != key) {
    throw Error(ExitCode::internal, "a round that was run again asks for other points");
  }
  ++next_;
}

Round ToldEvaluator::close(const Closing&) {
  const Stopwatch watch;
  Round round;
  for (std::size_t i = first_; i < next_; ++i) {
    while (!answers_[i]) wait_();
    round.evaluations.push_back(*answers_[i]);
  }
  first_ = next_;
  round.times.wait = watch.seconds();
  return round;
}

}  // namespace optex
