#include "optex/evaluation/arrivals.hpp"

#include "optex/core/errors.hpp"
#include "optex/evaluation/awaiting_evaluator.hpp"
#include "optex/evaluation/batching_evaluator.hpp"
#include "optex/evaluation/remembering_evaluator.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/objectives/test_functions.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace optex {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Index d = 4;

SampleKey key_of(std::int64_t iteration, std::int32_t point) {
  return {.iteration = iteration, .point = point};
}
Vector theta_of(const SampleKey& key) {
  return Vector::LinSpaced(d, 0.3 * key.point, 1.0 + 0.1 * static_cast<double>(key.iteration));
}

Point point_of(std::int64_t iteration, std::int32_t point) {
  return point_at(key_of(iteration, point), theta_of(key_of(iteration, point)));
}

Round round_of(Evaluator& evaluator, std::int64_t iteration, std::int32_t points, Index enough,
               const std::vector<Point>& late = {}) {
  evaluator.begin({points, late});
  for (std::int32_t point = 0; point < points; ++point) evaluator.submit(point_of(iteration, point));
  return evaluator.close({.enough = enough});
}

std::vector<bool> outstanding_in(const Round& closed) {
  std::vector<bool> outstanding;
  for (const Evaluation& one : closed.evaluations) outstanding.push_back(one.outstanding);
  return outstanding;
}

class ArrivalsTest : public ::testing::Test {
 protected:
  const Rosenbrock objective_{d};
  SerialEvaluator serial_{objective_};
};

TEST_F(ArrivalsTest, ASerialEvaluatorWaitsForAllAndAnswersLatePointsInTheNextRound) {
  const Round closed = round_of(serial_, 5, 3, 1, {point_of(2, 1), point_of(2, 3), point_of(2, 1)});
  EXPECT_THAT(outstanding_in(closed), ElementsAre(false, false, false));
  ASSERT_EQ(closed.late.size(), 2U);
  EXPECT_EQ(closed.late[0].key, key_of(2, 1));
  EXPECT_EQ(closed.late[1].key, key_of(2, 3));
  Vector gradient(d);
  EXPECT_EQ(closed.late[1].evaluation.value,
            objective_.value_and_gradient(theta_of(key_of(2, 3)), {}, 0, gradient));
  EXPECT_EQ(closed.late[1].evaluation.gradient, gradient);
  EXPECT_TRUE(round_of(serial_, 6, 3, 1).late.empty());
}

TEST_F(ArrivalsTest, AReplayAsksForWhatHadArrivedAlone) {
  const Arrivals sixth{5, 4, {0, 2}, {{3, 1}}, {{5, 2}}};
  ArrivalReplay replay(serial_, {{5, sixth}});
  std::vector<Arrivals> again;
  ArrivalRecorder recorder(replay, [&again](const Arrivals& one) { again.push_back(one); });
  const Round closed = round_of(recorder, 5, 4, 1, {point_of(3, 1), point_of(4, 1)});
  EXPECT_THAT(outstanding_in(closed), ElementsAre(false, true, false, true));
  EXPECT_THAT(closed.evaluations[2].failure, HasSubstr("failed in the run that is replayed"));
  ASSERT_EQ(closed.late.size(), 1U);
  EXPECT_EQ(closed.late[0].key, key_of(3, 1));
  EXPECT_FALSE(closed.late[0].evaluation.failed());
  EXPECT_THAT(again, ElementsAre(sixth));
}

TEST_F(ArrivalsTest, AReplayRefusesTheLogOfAnotherRun) {
  const auto words_of = [this](const Arrivals& arrivals) {
    ArrivalReplay replay(serial_, {{arrivals.iteration, arrivals}});
    try {
      round_of(replay, 5, 4, 1);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(words_of({4, 4, {0}, {}, {}}), HasSubstr("round 6 is not in it"));
  EXPECT_THAT(words_of({5, 3, {0}, {}, {}}), HasSubstr("round 6 had 3 points, here it has 4"));
  EXPECT_THAT(words_of({5, 4, {0}, {{2, 1}}, {}}), HasSubstr("took in a late point of round 3"));
  EXPECT_EQ(words_of({5, 4, {0}, {}, {}}), "");
}

TEST_F(ArrivalsTest, OtherRoundsPassThrough) {
  ArrivalReplay replay(serial_, {});
  bool recorded = false;
  ArrivalRecorder recorder(replay, [&recorded](const Arrivals&) { recorded = true; });
  recorder.begin({1});
  recorder.submit(point_at(SampleKey::exact(), Vector::Ones(d)));
  EXPECT_EQ(recorder.close().evaluations.front().value, 0.0);
  EXPECT_FALSE(recorded);
}

/// Leaves the last `missing` points of every round outstanding, and says how many had to be there.
class Impatient final : public ForwardingEvaluator {
 public:
  using Evaluator::close;
  using ForwardingEvaluator::ForwardingEvaluator;
  Round close(const Closing& how) override {
    enough = how.enough.value_or(-1);
    Round closed = inner().close();
    if (how.enough && !closed.evaluations.empty()) {
      closed.evaluations.back() = {};
      closed.evaluations.back().outstanding = true;
    }
    return closed;
  }
  Index enough = -1;
};

TEST_F(ArrivalsTest, WhatIsKnownFromBeforeHasArrived) {
  FinishedPoint known{1, mark_of(key_of(5, 1), theta_of(key_of(5, 1))), {}};
  known.evaluation.value = 17.0;
  Impatient inner(serial_);
  RememberingEvaluator remembering(inner, {known});
  int returns = 0;
  AwaitingEvaluator awaiting(remembering, [&returns] { ++returns; });
  const Round closed = round_of(awaiting, 5, 4, 3);
  EXPECT_EQ(inner.enough, 2);
  EXPECT_EQ(returns, 1);
  EXPECT_THAT(outstanding_in(closed), ElementsAre(false, false, false, true));
  EXPECT_EQ(closed.evaluations[1].value, 17.0);
}

TEST_F(ArrivalsTest, AnEvaluatorThatIsNotMadeForItWaitsForAll) {
  Impatient inner(serial_);
  BatchingEvaluator batching(inner, 2);
  EXPECT_THAT(outstanding_in(round_of(batching, 5, 2, 1)), ElementsAre(false, false));
}

}  // namespace
}  // namespace optex
