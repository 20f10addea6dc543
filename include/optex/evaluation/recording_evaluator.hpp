#pragma once

#include "optex/evaluation/forwarding_evaluator.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace optex {

/// Hands everything on to another evaluator and remembers the points of the rounds since forget(), with their
/// answers when one of a round cannot be used. Memory: N d a round, twice that after such a round.
class RecordingEvaluator final : public ForwardingEvaluator {
 public:
  struct Record {
    std::shared_ptr<const Vector> theta;  ///< d
    Evaluation answer;                    ///< without its gradient when all of its round could be used
    bool usable = true;
  };

  /// `inner` must outlive this object.
  explicit RecordingEvaluator(Evaluator& inner) : ForwardingEvaluator(inner) {}

  void forget() {
    records_.clear();
    answered_ = 0;
  }
  /// In the order in which they were submitted.
  const std::vector<Record>& records() const { return records_; }
  /// Of the last round.
  const EvaluationTimes& times() const { return times_; }

  using Evaluator::close;
  void submit(Point point) override {
    records_.push_back({point.theta, {}, true});
    inner().submit(std::move(point));
  }
  /// Of all points.
  Round close(const Closing&) override {
    Round round = inner().close();
    times_ = round.times;
    const std::vector<Evaluation>& answers = round.evaluations;
    const bool whole = std::all_of(answers.begin(), answers.end(), is_usable);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      Record& record = records_[answered_ + i];
      record.usable = whole || is_usable(answers[i]);
      if (whole) {
        record.answer.value = answers[i].value;
        record.answer.gradients = answers[i].gradients;
      } else {
        record.answer = answers[i];
      }
    }
    answered_ += answers.size();
    return round;
  }

 private:
  std::vector<Record> records_;
  std::size_t answered_ = 0;  // records with their answers
  EvaluationTimes times_;
};

}  // namespace optex
