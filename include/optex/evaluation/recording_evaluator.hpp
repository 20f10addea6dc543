#pragma once

#include "optex/evaluation/evaluator.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace optex {

/// Hands everything on to another evaluator and remembers the points of the rounds since forget(), with their
/// answers when one of a round cannot be used. Memory: N d a round, twice that after such a round.
class RecordingEvaluator final : public Evaluator {
 public:
  struct Record {
    Vector theta;       ///< d
    Evaluation answer;  ///< without its gradient when all of its round could be used
    bool usable = true;
  };

  /// `inner` must outlive this object.
  explicit RecordingEvaluator(Evaluator& inner) : inner_(inner) {}

  void forget() {
    records_.clear();
    answered_ = 0;
  }
  /// In the order in which they were submitted.
  const std::vector<Record>& records() const { return records_; }

  Index dimension() const override { return inner_.dimension(); }
  void begin(Index points) override { inner_.begin(points); }
  void submit(const SampleKey& key, ConstVectorRef theta) override {
    records_.push_back({theta, {}, true});
    inner_.submit(key, theta);
  }
  std::vector<Evaluation> collect() override {
    std::vector<Evaluation> answers = inner_.collect();
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
    return answers;
  }
  void renew(ConstVectorRef state) override { inner_.renew(state); }
  EvaluationTimes times() const override { return inner_.times(); }

 private:
  Evaluator& inner_;
  std::vector<Record> records_;
  std::size_t answered_ = 0;  // records with their answers
};

}  // namespace optex
