// Rounds that are closed without a slow rank.
#include "optex/core/errors.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/worker.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/arrivals.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/optex.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"

#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "support/order_sensitive_objective.hpp"
#include "support/slow_objective.hpp"
#include <gmock/gmock.h>
#include <mpi.h>

namespace optex {
namespace {

using optex::testing::OrderSensitiveObjective;
using optex::testing::same_bits;
using optex::testing::SlowObjective;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr CommunicatorOptions patient{.stall_seconds = 60.0};

Vector theta_of(const SampleKey& key, Index dimension) {
  Vector theta(dimension);
  for (Index i = 0; i < dimension; ++i)
    theta[i] = std::sin(static_cast<double>(i + 3 * key.point) + 0.1 * static_cast<double>(key.iteration));
  return theta;
}

void expect_serial_bits(const Objective& objective, const SampleKey& key, const Evaluation& found) {
  SerialEvaluator serial(objective);
  serial.begin({1});
  serial.submit(point_at(key, theta_of(key, objective.dimension())));
  const Evaluation expected = serial.close().evaluations.front();
  EXPECT_EQ(found.failure, "");
  EXPECT_TRUE(same_bits(found.value, expected.value));
  EXPECT_TRUE(same_bits(found.gradient, expected.gradient));
}

/// Runs `body(coordinator)` on rank 0 while the others serve, the last one slowly.
template <class Body>
void with_a_slow_rank(const Objective& objective, double seconds, const CoordinatorOptions& options,
                      Body body) {
  Communicator communicator(MPI_COMM_WORLD, patient);
  const bool last = communicator.rank() == communicator.size() - 1 && communicator.size() > 1;
  const SlowObjective own(objective, last ? seconds : 0.0);
  if (communicator.rank() != 0) return serve(communicator, own);
  Coordinator coordinator(communicator, own, options);
  body(coordinator, communicator.size());
  EXPECT_TRUE(coordinator.shutdown());
}

TEST(QuorumOfRanks, EveryAnswerComesOnceWithTheBitsOfTheSerialEvaluator) {
  for (const Index shards : {1, 5}) {
    const OrderSensitiveObjective objective(37, shards);
    with_a_slow_rank(objective, 0.1, {}, [&](Coordinator& coordinator, int ranks) {
      constexpr Index points = 8;
      std::map<std::pair<std::int64_t, std::int32_t>, int> waiting;
      Index outstanding = 0;
      std::vector<Point> wanted;
      for (std::int64_t round = 0; round < 8; ++round) {
        coordinator.begin({points, wanted});  // naming them changes nothing: they are in work
        for (std::int32_t point = 0; point < points; ++point) {
          const SampleKey key{.seed = 3, .iteration = round, .point = point};
          coordinator.submit(point_at(key, theta_of(key, 37)));
        }
        const Round closed = coordinator.close({.enough = 5, .needed = {0, 6}});
        wanted.clear();
        ASSERT_EQ(closed.evaluations.size(), static_cast<std::size_t>(points));
        EXPECT_FALSE(closed.evaluations.front().outstanding);
        EXPECT_FALSE(closed.evaluations[6].outstanding);
        for (const LateAnswer& late : closed.late) {
          EXPECT_EQ(waiting.erase({late.key.iteration, late.key.point}), 1U);
          expect_serial_bits(objective, late.key, late.evaluation);
        }
        Index there = 0;
        for (std::int32_t point = 0; point < points; ++point) {
          const Evaluation& found = closed.evaluations[static_cast<std::size_t>(point)];
          const SampleKey key{.seed = 3, .iteration = round, .point = point};
          if (!found.outstanding) {
            ++there;
            expect_serial_bits(objective, key, found);
            continue;
          }
          ++outstanding;
          waiting[{round, point}] = 1;
          wanted.push_back(point_at(key, theta_of(key, 37)));
        }
        EXPECT_GE(there, 5);
      }
      EXPECT_EQ(outstanding > 0, ranks > 1);
      // A round of the usual kind, as at the end of a run: only ranks that are free take part.
      coordinator.begin({1});
      coordinator.submit(point_at(SampleKey::exact(), theta_of({}, 37)));
      EXPECT_FALSE(coordinator.close().evaluations.front().failed());
    });
  }
}

TEST(QuorumOfRanks, PointsOfAnEarlierStartAreComputedAgain) {
  const OrderSensitiveObjective objective(23, 3);
  for (const bool coordinator_evaluates : {true, false})
    with_a_slow_rank(objective, 0.05, {coordinator_evaluates}, [&](Coordinator& coordinator, int) {
      int came = 0;
      const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
      for (std::int64_t round = 10; came < 9 && std::chrono::steady_clock::now() < end; ++round) {
        Opening opening{2};
        for (std::int32_t point = 1; point < 10 && round == 10; ++point) {
          const SampleKey key{.seed = 3, .iteration = 9, .point = point};
          opening.late.push_back(point_at(key, theta_of(key, 23)));
        }
        coordinator.begin(opening);
        for (std::int32_t point = 0; point < 2; ++point) {
          const SampleKey key{.seed = 3, .iteration = round, .point = point};
          coordinator.submit(point_at(key, theta_of(key, 23)));
        }
        const Round closed = coordinator.close({.enough = 2});
        for (const LateAnswer& late : closed.late) {
          ++came;
          EXPECT_EQ(late.key.iteration, 9);
          expect_serial_bits(objective, late.key, late.evaluation);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      EXPECT_EQ(came, 9);
    });
}

/// A run of replay without its slowest rank.
RunState run_rounds(Evaluator& evaluator, RunState run, int rounds) {
  Optex method(evaluator, std::make_shared<Adam>(Adam::Options{.learning_rate = 0.02}),
               std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                                 HyperparameterRules{}),
               {.parallelism = 4, .quorum = 0.75, .seed = 7});
  if (run.theta.size() == 0) run = method.initial_state(Rosenbrock(20).initial_point());
  for (int t = 0; t < rounds; ++t) method.iterate(run);
  return run;
}

void expect_same(const RunState& a, const RunState& b) {
  EXPECT_EQ(a.theta, b.theta);
  EXPECT_EQ(a.best.value, b.best.value);
  EXPECT_EQ(a.best.theta, b.best.theta);
  EXPECT_EQ(a.outstanding.thetas, b.outstanding.thetas);
  ASSERT_EQ(a.history.size(), b.history.size());
  for (Index i = 0; i < a.history.size(); ++i) EXPECT_EQ(a.history.theta(i), b.history.theta(i));
}

TEST(QuorumOfRanks, ARunIsReplayedSeriallyAndGoesOnAfterARestart) {
  const Rosenbrock objective(20);
  std::map<std::int64_t, Arrivals> log;
  RunState run;
  Index waited = 0;
  for (int start = 0; start < 3; ++start) {
    with_a_slow_rank(objective, 0.1, {}, [&](Coordinator& coordinator, int ranks) {
      ArrivalRecorder recorder(coordinator, [&log](const Arrivals& one) { log[one.iteration] = one; });
      run = run_rounds(recorder, std::move(run), 7);
      if (ranks > 1) waited += run.outstanding.count();
    });
  }
  int ranks = 1, rank = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) {
    SerialEvaluator serial(objective);
    ArrivalReplay replay(serial, log);
    expect_same(run, run_rounds(replay, {}, 21));
    std::size_t late = 0;
    for (const auto& [iteration, arrivals] : log) late += arrivals.late.size();
    // With more ranks than points the slow one is soon dealt none.
    EXPECT_GE(late + static_cast<std::size_t>(waited), ranks > 1 && ranks < 5 ? 1U : 0U);
  }
  // On the ranks that there are, too.
  const SlowObjective own(objective, rank == 1 ? 0.02 : 0.0);
  Communicator communicator(MPI_COMM_WORLD, patient);
  if (communicator.rank() != 0) return serve(communicator, own);
  Coordinator coordinator(communicator, own);
  ArrivalReplay replay(coordinator, log);
  expect_same(run, run_rounds(replay, {}, 21));
}

constexpr CommunicatorOptions impatient{
    .stall_seconds = 3.0, .patience_seconds = 60.0, .arrival_seconds = 60.0};

class SilentLate : public ::testing::Test {
 protected:
  void SetUp() override {
    if (control_.size() != 3) GTEST_SKIP() << "needs three ranks; more see nothing else, and it waits";
  }

  /// Closes a round without the last rank, which says nothing; `body(coordinator, communicator, next_round)`
  /// begins another one, in which rank 0 has to wait for rank 1.
  template <class Body>
  void without_the_last_rank(const CoordinatorOptions& options, Body body) {
    const OrderSensitiveObjective whole(50, 20);
    Communicator communicator(MPI_COMM_WORLD, impatient);
    // Rank 1 takes four seconds for a point, not for those of the first round, and says that it lives.
    const SlowObjective objective(whole, communicator.rank() == 1 ? 0.2 : 0.0, 1);
    if (communicator.rank() == 0)
      coordinate(communicator, objective, options, body);
    else if (communicator.rank() != communicator.size() - 1)
      serve(communicator, objective);
    control_.broadcast("go on", "the end of the test");
  }

 private:
  template <class Body>
  static void coordinate(Communicator& communicator, const Objective& objective,
                         const CoordinatorOptions& options, Body body) {
    Coordinator coordinator(communicator, objective, options);
    const int last = communicator.size() - 1;
    const auto round = [&](std::int64_t iteration, Index points) {
      coordinator.begin({points});
      for (std::int32_t point = 0; point < points; ++point) {
        const SampleKey key{.iteration = iteration, .point = point};
        coordinator.submit(point_at(key, theta_of(key, 50)));
      }
      return coordinator.close({.enough = last});
    };
    // A point each: for ranks 1, 2, ..., and then for rank 0.
    const Round first = round(0, communicator.size());
    EXPECT_TRUE(first.evaluations[static_cast<std::size_t>(last - 1)].outstanding);
    body(coordinator, communicator, [&] { return round(1, last); });
    EXPECT_FALSE(coordinator.shutdown());
  }

  Communicator control_{MPI_COMM_WORLD, patient};
};

TEST_F(SilentLate, ARankThatOwesALatePointIsGivenUpByName) {
  without_the_last_rank({}, [](Coordinator&, Communicator& communicator, auto next_round) {
    try {
      next_round();
      ADD_FAILURE() << "nobody was missed";
    } catch (const StallError& error) {
      EXPECT_THAT(error.what(),
                  AllOf(StartsWith(communicator.label(communicator.size() - 1) + " has been silent for 3 s"),
                        HasSubstr("of round 1"), Not(HasSubstr("as silent"))));
    }
  });
}

TEST_F(SilentLate, OrLeftBehindAndItsPointHasFailed) {
  without_the_last_rank({.goes_on_without_lost = true}, [](Coordinator& coordinator,
                                                           Communicator& communicator, auto next_round) {
    const Round second = next_round();
    const int last = communicator.size() - 1;
    EXPECT_EQ(coordinator.lost_ranks(), std::vector<int>{last});
    ASSERT_EQ(second.late.size(), 1U);
    EXPECT_EQ(second.late.front().key.point, last - 1);
    EXPECT_EQ(second.late.front().evaluation.failure, communicator.label(last) + ": the rank was lost");
    for (const Evaluation& one : second.evaluations) EXPECT_EQ(one.failure, "");
  });
}

TEST_F(SilentLate, OrMissedWhenTheRanksAreLetGo) {
  without_the_last_rank({}, [](Coordinator&, Communicator&, auto) {});
}

}  // namespace
}  // namespace optex
