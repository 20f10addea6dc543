#include "optex/distributed/coordinator.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/worker.hpp"
#include "optex/evaluation/serial_evaluator.hpp"

#include <cmath>

#include "support/order_sensitive_objective.hpp"
#include <gmock/gmock.h>
#include <mpi.h>

namespace optex {
namespace {

using optex::testing::OrderSensitiveObjective;
using optex::testing::same_bits;
using ::testing::Each;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr CommunicatorOptions patient{.stall_seconds = 60.0};

/// Runs `body(coordinator, communicator)` on rank 0 while the others serve.
template <class Body>
void coordinate(const Objective& objective, const CommunicatorOptions& options,
                const CoordinatorOptions& coordinator_options, Body body) {
  Communicator communicator(MPI_COMM_WORLD, options);
  if (communicator.rank() != 0) return serve(communicator, objective);
  Coordinator coordinator(communicator, objective, coordinator_options);
  body(coordinator, communicator);
  EXPECT_TRUE(coordinator.shutdown());
}

/// A round of `submitted` points out of `announced`; the points differ from round to round.
std::vector<Evaluation> evaluate(Evaluator& evaluator, std::int64_t round, Index announced, Index submitted) {
  evaluator.begin({announced});
  Vector theta(evaluator.dimension());
  for (Index point = 0; point < submitted; ++point) {
    SampleKey key;
    key.seed = 11;
    key.iteration = round;
    key.point = static_cast<std::int32_t>(point);
    for (Index i = 0; i < theta.size(); ++i)
      theta[i] = std::sin(static_cast<double>(i + 3 * point) + 0.1 * static_cast<double>(round));
    evaluator.submit(point_at(key, theta));
  }
  theta.setZero();  // submit() took its copy
  return evaluator.close().evaluations;
}

void expect_same(const std::vector<Evaluation>& actual, const std::vector<Evaluation>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    SCOPED_TRACE(::testing::Message() << "point " << i);
    EXPECT_EQ(actual[i].failure, expected[i].failure);
    EXPECT_TRUE(same_bits(actual[i].value, expected[i].value));
    EXPECT_TRUE(same_bits(actual[i].gradient, expected[i].gradient));
  }
}

void expect_serial_bits(Index points, Index shards, Index dimension, const CommunicatorOptions& options,
                        bool coordinator_evaluates) {
  SCOPED_TRACE(::testing::Message() << points << " points, " << shards << " shards, dimension " << dimension
                                    << ", message limit " << options.message_limit
                                    << ", coordinator evaluates " << coordinator_evaluates);
  const OrderSensitiveObjective objective(dimension, shards);
  coordinate(objective, options, {coordinator_evaluates}, [&](Coordinator& coordinator, Communicator&) {
    SerialEvaluator serial(objective);
    for (std::int64_t round = 0; round < 3; ++round)
      expect_same(evaluate(coordinator, round, points, points), evaluate(serial, round, points, points));
  });
}

TEST(Coordinator, GivesTheBitsOfTheSerialEvaluator) {
  for (const Index points : {1, 2, 3, 5, 16})
    for (const Index shards : {1, 2, 7, 32})
      for (const bool coordinator_evaluates : {true, false})
        expect_serial_bits(points, shards, 37, patient, coordinator_evaluates);
}

TEST(Coordinator, GivesTheSameBitsInSmallPieces) {
  for (const std::size_t limit : {64, 1000})
    expect_serial_bits(5, 7, 301, {.message_limit = limit, .stall_seconds = 60.0}, true);
}

TEST(Coordinator, GivesTheSameBitsWhenMessagesAreTooLongToBeBuffered) {
  expect_serial_bits(4, 7, 10000, patient, true);
}

TEST(Coordinator, WorksInDimensionOneAndZero) {
  expect_serial_bits(2, 3, 1, patient, true);
  expect_serial_bits(2, 3, 0, patient, true);
}

TEST(Coordinator, FewerPointsThanAnnouncedAreFine) {
  const OrderSensitiveObjective objective(5, 3);
  coordinate(objective, patient, {}, [&](Coordinator& coordinator, Communicator&) {
    SerialEvaluator serial(objective);
    for (Index submitted = 0; submitted <= 4; ++submitted)
      expect_same(evaluate(coordinator, 0, 4, submitted), evaluate(serial, 0, 4, submitted));
    EXPECT_THAT(evaluate(coordinator, 0, 0, 0), IsEmpty());
  });
}

TEST(Coordinator, RefusesPointsThatWereNotAnnouncedOrAreOfAnotherLength) {
  const OrderSensitiveObjective objective(5, 3);
  coordinate(objective, patient, {}, [&](Coordinator& coordinator, Communicator&) {
    EXPECT_THROW(coordinator.submit(point_at({}, Vector::Ones(5))), Error);
    coordinator.begin({1});
    EXPECT_THROW(coordinator.submit(point_at({}, Vector::Ones(6))), Error);
    coordinator.submit(point_at({}, Vector::Ones(5)));
    EXPECT_THROW(coordinator.submit(point_at({}, Vector::Ones(5))), Error);
    EXPECT_THAT(coordinator.close().evaluations, SizeIs(1));
  });
}

/// Which rank evaluates a shard of a point.
int owner(const WorkPlan& plan, Index point, Index shard) {
  for (const Portion& portion : plan.of_point(point))
    if (portion.shards.begin <= shard && shard < portion.shards.end) return portion.rank;
  return -1;
}

TEST(Coordinator, AnExceptionAnywhereIsAFailureOfThatPointAlone) {
  constexpr Index points = 3;
  constexpr Index shards = 7;
  for (std::int32_t point = 0; point < points; ++point)
    for (Index shard = 0; shard < shards; ++shard) {
      SCOPED_TRACE(::testing::Message() << "point " << point << ", shard " << shard);
      OrderSensitiveObjective broken(6, shards);
      broken.fail_on(shard, point);
      const OrderSensitiveObjective whole(6, shards);
      coordinate(broken, patient, {}, [&](Coordinator& coordinator, Communicator& communicator) {
        SerialEvaluator serial(whole);
        const auto expected = evaluate(serial, 0, points, points);
        for (int repetition = 0; repetition < 2; ++repetition) {
          const auto evaluations = evaluate(coordinator, 0, points, points);
          ASSERT_EQ(evaluations.size(), expected.size());
          for (std::size_t i = 0; i < evaluations.size(); ++i) {
            if (i != static_cast<std::size_t>(point)) {
              EXPECT_TRUE(same_bits(evaluations[i].gradient, expected[i].gradient));
              continue;
            }
            const WorkPlan plan(points, shards, evaluating_ranks(communicator.size(), true));
            const std::string origin = communicator.label(owner(plan, point, shard)) + ": ";
            EXPECT_EQ(evaluations[i].failure, (communicator.alone() ? "" : origin) + "point " +
                                                  std::to_string(point) + ", shard " + std::to_string(shard) +
                                                  ": broken on purpose");
            EXPECT_THAT(evaluations[i].gradient, SizeIs(0));
          }
        }
      });
    }
}

TEST(Coordinator, ARoundThatIsNotCollectedDoesNotLeakIntoTheNext) {
  const OrderSensitiveObjective objective(5, 7);
  coordinate(objective, patient, {}, [&](Coordinator& coordinator, Communicator&) {
    coordinator.begin({4});
    coordinator.submit(point_at({.seed = 99}, Vector::Ones(5)));
    coordinator.submit(point_at({.seed = 98}, Vector::Ones(5)));
    SerialEvaluator serial(objective);
    expect_same(evaluate(coordinator, 1, 3, 3), evaluate(serial, 1, 3, 3));
    coordinator.begin({2});
    coordinator.submit(point_at({.seed = 97}, Vector::Ones(5)));  // shutdown() takes these answers
  });
}

// What was submitted before a new state belongs to the old one, what comes after it to the new one, on every
// rank.
TEST(Coordinator, ANewStateReachesEveryRankInTime) {
  OrderSensitiveObjective objective(50, 7), alone(50, 7);
  objective.move();
  alone.move();
  coordinate(objective, patient, {}, [&](Coordinator& coordinator, Communicator&) {
    SerialEvaluator serial(alone);
    for (std::int64_t round = 0; round < 4; ++round) {
      expect_same(evaluate(coordinator, round, 3, 3), evaluate(serial, round, 3, 3));
      const Vector state = Vector::Constant(3, 0.3 + static_cast<double>(round));
      coordinator.renew(state);
      serial.renew(state);
    }
  });
}

TEST(Coordinator, WorkersLeaveWhenItIsDestroyed) {
  const OrderSensitiveObjective objective(5, 7);
  Communicator communicator(MPI_COMM_WORLD, patient);
  for (int repetition = 0; repetition < 3; ++repetition) {
    if (communicator.rank() != 0) {
      serve(communicator, objective);
    } else {
      Coordinator coordinator(communicator, objective);
      EXPECT_THAT(evaluate(coordinator, 0, 2, 2), SizeIs(2));
    }
  }
}

TEST(Coordinator, ReportsWhoWasBusy) {
  const OrderSensitiveObjective objective(500, 4);
  coordinate(objective, patient, {}, [&](Coordinator& coordinator, Communicator& communicator) {
    const Index points = communicator.size();
    EXPECT_THAT(coordinator.rank_busy_seconds(), Each(0.0));
    coordinator.begin({points});
    for (std::int32_t point = 0; point < points; ++point)
      coordinator.submit(point_at({.point = point}, Vector::Ones(500)));
    const Round round = coordinator.close();
    EXPECT_THAT(coordinator.rank_busy_seconds(), SizeIs(communicator.size()));
    EXPECT_THAT(coordinator.rank_busy_seconds(), Each(::testing::Gt(0.0)));
    EXPECT_THAT(round.times.evaluate, Ge(0.0));
    EXPECT_THAT(round.times.wait, Ge(0.0));
  });
}

TEST(Coordinator, OneSumForEachCoveringNodeTravels) {
  constexpr Index points = 3;
  constexpr Index shards = 37;
  constexpr Index dimension = 1000;
  const OrderSensitiveObjective objective(dimension, shards);
  coordinate(objective, patient, {}, [&](Coordinator& coordinator, Communicator& communicator) {
    const WorkPlan plan(points, shards, evaluating_ranks(communicator.size(), true));
    std::int64_t nodes = 0;
    for (Index point = 0; point < points; ++point)
      for (const Portion& portion : plan.of_point(point)) {
        if (portion.rank == 0) continue;
        const auto mine = static_cast<std::int64_t>(covering_nodes(shards, portion.shards).size());
        EXPECT_LE(static_cast<double>(mine), 2.0 * std::ceil(std::log2(shards)));
        nodes += mine;
      }
    const Traffic before = communicator.traffic();
    evaluate(coordinator, 0, points, points);
    const Traffic after = communicator.traffic();
    EXPECT_EQ(after.messages_received - before.messages_received, 2 * nodes);
    EXPECT_EQ(after.bytes_received - before.bytes_received,
              nodes * static_cast<std::int64_t>(AnswerBytes{}.size() + dimension * sizeof(double)));
  });
}

TEST(Coordinator, OnlyRankZeroCoordinatesAndOnlyOthersServe) {
  Communicator communicator(MPI_COMM_WORLD, patient);
  const OrderSensitiveObjective objective(2, 2);
  if (communicator.rank() == 0) {
    EXPECT_THROW(serve(communicator, objective), Error);
  } else {
    EXPECT_THROW(Coordinator(communicator, objective), Error);
  }
}

}  // namespace
}  // namespace optex
