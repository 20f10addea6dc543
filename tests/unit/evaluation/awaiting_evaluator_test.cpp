#include "optex/evaluation/awaiting_evaluator.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/objectives/test_functions.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace optex {
namespace {

/// Counts its gradients.
class Counted final : public Objective {
 public:
  Index dimension() const override { return sphere_.dimension(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    ++gradients;
    return sphere_.value_and_gradient(theta, key, shard, gradient);
  }
  mutable int gradients = 0;

 private:
  Sphere sphere_{6};
};

TEST(AwaitingEvaluator, WaitsWhenAllAnswersAreThere) {
  const Counted objective;
  SerialEvaluator inner(objective);
  int called = 0;
  AwaitingEvaluator evaluator(inner, [&] {
    EXPECT_EQ(objective.gradients, 2 * ++called);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  for (int round = 1; round <= 2; ++round) {
    evaluator.begin({2});
    evaluator.submit(point_at({}, Vector::Ones(6)));
    evaluator.submit(point_at({}, Vector::Zero(6)));
    EXPECT_EQ(called, round - 1);
    const Round answers = evaluator.close();
    ASSERT_EQ(answers.evaluations.size(), 2U);
    EXPECT_EQ(answers.evaluations[1].value, 0.0);
    EXPECT_EQ(called, round);
    EXPECT_GE(answers.times.wait, 0.02);  // what was waited for belongs to the round
  }
}

TEST(AwaitingEvaluator, PassesOnWhatWaitingThrows) {
  const Sphere objective(3);
  SerialEvaluator inner(objective);
  AwaitingEvaluator evaluator(inner, [] { throw std::runtime_error("the disk is full"); });
  evaluator.begin({1});
  evaluator.submit(point_at({}, Vector::Ones(3)));
  EXPECT_THROW(evaluator.close(), std::runtime_error);
}

/// Notes what it was renewed with.
class Moving final : public Objective {
 public:
  Index dimension() const override { return 1; }
  void renew(ConstVectorRef state) const override { state_ = state; }
  double value_and_gradient(ConstVectorRef, const SampleKey&, Index, VectorRef gradient) const override {
    gradient.setZero();
    return state_.sum();
  }

 private:
  mutable Vector state_ = Vector::Zero(2);
};

TEST(AwaitingEvaluator, PassesOnTheStateOfAnObjectiveThatMoves) {
  const Moving objective;
  SerialEvaluator inner(objective);
  AwaitingEvaluator evaluator(inner, [] {});
  evaluator.renew(Vector::Ones(2));
  evaluator.begin({1});
  evaluator.submit(point_at({}, Vector::Zero(1)));
  EXPECT_EQ(evaluator.close().evaluations.front().value, 2.0);
}

}  // namespace
}  // namespace optex
