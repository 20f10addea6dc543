#include "optex/evaluation/remembering_evaluator.hpp"

#include <cstdint>

#include <gmock/gmock.h>

namespace optex {
namespace {

using ::testing::ElementsAre;

/// Value and gradient from the first coordinate; counts what it is asked, and breaks a round off on demand.
class Counting final : public Evaluator {
 public:
  Index dimension() const override { return 3; }
  using Evaluator::close;
  void begin(const Opening&) override { thetas_.clear(); }
  void submit(Point point) override {
    thetas_.push_back(*point.theta);
    asked.push_back((*point.theta)[0]);
  }
  void renew(ConstVectorRef) override {}
  Round close(const Closing&) override {
    std::vector<Evaluation> all;
    for (const Vector& theta : thetas_) {
      Evaluation evaluation;
      evaluation.value = 10.0 * theta[0];
      evaluation.gradient = 2.0 * theta;
      evaluation.gradients = 3;
      all.push_back(evaluation);
    }
    if (break_off.empty()) return {all};
    std::vector<FinishedPoint> finished;
    for (const Index index : break_off) finished.push_back({index, 0, all[static_cast<std::size_t>(index)]});
    throw RoundInterrupted(finished);
  }

  std::vector<double> asked;
  std::vector<Index> break_off;

 private:
  std::vector<Vector> thetas_;
};

std::vector<Evaluation> round_at(Evaluator& evaluator, const std::vector<double>& places) {
  evaluator.begin({static_cast<Index>(places.size())});
  for (const double place : places) evaluator.submit(point_at({}, Vector::Constant(3, place)));
  return evaluator.close().evaluations;
}

std::vector<FinishedPoint> finished_of(Evaluator& evaluator, const std::vector<double>& places) {
  try {
    round_at(evaluator, places);
  } catch (const RoundInterrupted& broken) {
    return broken.finished;
  }
  ADD_FAILURE() << "the round was not broken off";
  return {};
}

TEST(RememberingEvaluator, AsksOnlyForWhatABrokenOffRoundHadNotFinished) {
  Counting first;
  first.break_off = {1, 3};
  RememberingEvaluator nothing_known(first, {});
  const std::vector<FinishedPoint> saved = finished_of(nothing_known, {1.0, 2.0, 3.0, 4.0});

  // Broken off a second time.
  ASSERT_EQ(saved.size(), 2U);
  Counting second;
  second.break_off = {0};
  RememberingEvaluator again(second, saved);
  const std::vector<FinishedPoint> more = finished_of(again, {1.0, 2.0, 3.0, 4.0});
  EXPECT_THAT(second.asked, ElementsAre(1.0, 3.0));
  ASSERT_EQ(more.size(), 3U);

  Counting third;
  RememberingEvaluator last(third, more);
  const std::vector<Evaluation> answers = round_at(last, {1.0, 2.0, 3.0, 4.0});
  EXPECT_THAT(third.asked, ElementsAre(3.0));
  ASSERT_EQ(answers.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto place = static_cast<double>(i + 1);
    EXPECT_EQ(answers[i].value, 10.0 * place);
    EXPECT_EQ(answers[i].gradient, Vector::Constant(3, 2.0 * place));
    EXPECT_EQ(answers[i].gradients, 3);
  }
  // The next round is a new one.
  round_at(last, {1.0, 2.0, 3.0, 4.0});
  EXPECT_THAT(third.asked, ElementsAre(3.0, 1.0, 2.0, 3.0, 4.0));
}

TEST(RememberingEvaluator, AnotherThetaInTheSamePlaceIsEvaluated) {
  Counting first;
  first.break_off = {0, 1};
  RememberingEvaluator nothing_known(first, {});
  const std::vector<FinishedPoint> saved = finished_of(nothing_known, {1.0, 2.0});
  Counting second;
  RememberingEvaluator again(second, saved);
  EXPECT_EQ(round_at(again, {1.0, 2.5})[1].value, 25.0);
  EXPECT_THAT(second.asked, ElementsAre(2.5));
}

TEST(RememberingEvaluator, LeavesNothingOverWhenNothingWasFinished) {
  Counting inner;
  RememberingEvaluator evaluator(inner, {});
  round_at(evaluator, {1.0, 2.0});
  EXPECT_TRUE(evaluator.left_over().empty());
  EXPECT_NE(mark_of({}, Vector::Zero(5)), mark_of({}, Vector::Unit(5, 4)));
  // An exact value is no answer to a noisy question at the same theta, nor that of another round or batch.
  const Vector theta = Vector::Ones(5);
  for (const SampleKey& other : {SampleKey::exact(), SampleKey{.seed = 1}, SampleKey{.iteration = 1},
                                 SampleKey{.point = 1}, SampleKey{.batch = 1}})
    EXPECT_NE(mark_of({}, theta), mark_of(other, theta));
}

}  // namespace
}  // namespace optex
