// Ranks that do not answer. The silent rank sits in another exchange until the others have noticed, so that
// none of these tests depends on how fast the machine is.
#include "optex/core/errors.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/worker.hpp"
#include "optex/evaluation/interrupted_round.hpp"
#include "optex/evaluation/serial_evaluator.hpp"

#include <chrono>
#include <thread>

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
using ::testing::StartsWith;

constexpr CommunicatorOptions patient{.stall_seconds = 60.0};
// Longer than a rank waits for a processor on a machine that has other work too.
constexpr CommunicatorOptions impatient{
    .stall_seconds = 3.0, .patience_seconds = 60.0, .arrival_seconds = 60.0};

class Silence : public ::testing::Test {
 protected:
  void SetUp() override {
    if (control_.size() < 2) GTEST_SKIP() << "needs two ranks";
    if (control_.size() == 3) GTEST_SKIP() << "waits, and sees nothing that two or many ranks do not";
  }
  void release() { control_.broadcast("go on", "the end of the test"); }
  void wait_for_release() { release(); }

  Communicator control_{MPI_COMM_WORLD, patient};
};

template <class Call>
std::string stall_of(Call call) {
  try {
    call();
  } catch (const StallError& error) {
    return error.what();
  }
  return "no stall";
}

TEST_F(Silence, OfAWorkerIsNoticedWithRankHostAndRemedy) {
  const OrderSensitiveObjective objective(1000, 3);
  Communicator communicator(MPI_COMM_WORLD, impatient);
  const int silent = communicator.size() - 1;
  if (communicator.rank() == 0) {
    Coordinator coordinator(communicator, objective, {.coordinator_evaluates = false});
    coordinator.begin({communicator.size()});
    for (int point = 0; point < communicator.size(); ++point)
      coordinator.submit(point_at({.point = point}, Vector::Ones(1000)));
    EXPECT_THAT(
        stall_of([&] { coordinator.close(); }),
        AllOf(StartsWith(communicator.label(silent) + " has been silent for 3 s"),
              HasSubstr("waiting for its answer to point "), HasSubstr("raise failure.stall_seconds")));
    EXPECT_FALSE(coordinator.shutdown());
    EXPECT_THROW(coordinator.begin({1}), Error);
    release();
  } else if (communicator.rank() == silent) {
    wait_for_release();
  } else {
    serve(communicator, objective);
    wait_for_release();
  }
}

/// The last rank, and from four on the one before it too.
bool is_silent(const Communicator& communicator, int rank) {
  return rank == communicator.size() - 1 || (communicator.size() >= 4 && rank == communicator.size() - 2);
}

TEST_F(Silence, OfTwoRanksAtOnceIsToldOfBoth) {
  if (control_.size() < 4) GTEST_SKIP() << "needs four ranks";
  const OrderSensitiveObjective objective(1000, 3);
  Communicator communicator(MPI_COMM_WORLD, impatient);
  if (communicator.rank() == 0) {
    Coordinator coordinator(communicator, objective);
    coordinator.begin({communicator.size()});
    for (int point = 0; point < communicator.size(); ++point)
      coordinator.submit(point_at({.point = point}, Vector::Ones(1000)));
    EXPECT_THAT(stall_of([&] { coordinator.close(); }),
                AllOf(StartsWith(communicator.label(communicator.size() - 2) + " has been silent for 3 s"),
                      HasSubstr(communicator.label(communicator.size() - 1) + " is as silent")));
    release();
  } else {
    if (!is_silent(communicator, communicator.rank())) serve(communicator, objective);
    wait_for_release();
  }
}

TEST_F(Silence, OfRanksThatAreLeftBehindChangesNoBit) {
  for (const bool coordinator_evaluates : {true, false}) {
    const OrderSensitiveObjective objective(1000, 3);
    Communicator communicator(MPI_COMM_WORLD, impatient);
    if (communicator.rank() != 0) {
      if (!is_silent(communicator, communicator.rank())) serve(communicator, objective);
      wait_for_release();
      continue;
    }
    std::vector<int> told;
    Coordinator coordinator(communicator, objective,
                            {.coordinator_evaluates = coordinator_evaluates,
                             .goes_on_without_lost = true,
                             .on_lost = [&](int rank, const std::string& text) {
                               told.push_back(rank);
                               EXPECT_THAT(text, StartsWith(communicator.label(rank) + " has been "));
                             }});
    SerialEvaluator serial(objective);
    for (std::int64_t round = 0; round < 3; ++round) {
      const int points = 2 * communicator.size();
      for (Evaluator* const evaluator :
           {static_cast<Evaluator*>(&coordinator), static_cast<Evaluator*>(&serial)})
        evaluator->begin({points});
      for (int point = 0; point < points; ++point) {
        const Vector theta = Vector::LinSpaced(1000, 0.1, 1.0 + point + static_cast<double>(round));
        coordinator.submit(point_at({.iteration = round, .point = point}, theta));
        serial.submit(point_at({.iteration = round, .point = point}, theta));
      }
      const std::vector<Evaluation> found = coordinator.close().evaluations;
      const std::vector<Evaluation> expected = serial.close().evaluations;
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].failure, "");
        EXPECT_TRUE(same_bits(found[i].value, expected[i].value));
        EXPECT_TRUE(same_bits(found[i].gradient, expected[i].gradient));
      }
    }
    std::vector<int> silent;
    for (int rank = 1; rank < communicator.size(); ++rank)
      if (is_silent(communicator, rank)) silent.push_back(rank);
    EXPECT_EQ(told, silent);
    EXPECT_EQ(coordinator.lost_ranks(), silent);
    EXPECT_FALSE(coordinator.shutdown());
    release();
  }
}

// It has no part in the round, so nothing is missed before the end of MPI, which would wait for it for ever.
TEST_F(Silence, OfARankThatOwesNothingIsNoticedAtTheEnd) {
  if (control_.size() < 3) GTEST_SKIP() << "needs three ranks: of two the last one has the only point";
  const OrderSensitiveObjective objective(10, 1);
  Communicator communicator(MPI_COMM_WORLD,
                            {.stall_seconds = 2.0, .patience_seconds = 60.0, .arrival_seconds = 60.0});
  const int silent = communicator.size() - 1;
  if (communicator.rank() == 0) {
    std::vector<std::pair<int, std::string>> told;
    Coordinator coordinator(communicator, objective, {.on_lost = [&told](int rank, const std::string& text) {
                              told.emplace_back(rank, text);
                            }});
    coordinator.begin({1});
    coordinator.submit(point_at({}, Vector::Ones(10)));
    EXPECT_EQ(coordinator.close().evaluations.at(0).failure, "");
    EXPECT_FALSE(coordinator.shutdown());
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].first, silent);
    EXPECT_EQ(told[0].second, communicator.label(silent) + " was silent at the end of the run");
    release();
  } else {
    if (communicator.rank() != silent) serve(communicator, objective);
    wait_for_release();
  }
}

TEST_F(Silence, OfARankDoesNotHoldBackARoundThatIsBrokenOff) {
  const OrderSensitiveObjective objective(1000, 1);
  Communicator communicator(MPI_COMM_WORLD, patient);
  const int points = communicator.size();  // one a rank, the last one is rank 0's own
  if (communicator.rank() != 0) {
    if (communicator.rank() != communicator.size() - 1) serve(communicator, objective);
    return wait_for_release();
  }
  int looks = 0;
  Coordinator coordinator(communicator, objective, {.interrupted = [&looks] { return ++looks > 300; }});
  coordinator.begin({points});
  for (int point = 0; point < points; ++point)
    coordinator.submit(point_at({.point = point}, Vector::Constant(1000, 0.1 + point)));
  std::vector<FinishedPoint> finished;
  try {
    coordinator.close();
    ADD_FAILURE() << "the silent rank answered";
  } catch (const RoundInterrupted& broken) {
    finished = broken.finished;
  }
  SerialEvaluator serial(objective);
  serial.begin({points});
  for (int point = 0; point < points; ++point)
    serial.submit(point_at({.point = point}, Vector::Constant(1000, 0.1 + point)));
  const std::vector<Evaluation> expected = serial.close().evaluations;
  bool own = false;
  for (const FinishedPoint& point : finished) {
    EXPECT_NE(point.submission, points - 2);  // the silent one's
    own = own || point.submission == points - 1;
    const Evaluation& right = expected.at(static_cast<std::size_t>(point.submission));
    EXPECT_TRUE(same_bits(point.evaluation.value, right.value));
    EXPECT_TRUE(same_bits(point.evaluation.gradient, right.gradient));
  }
  EXPECT_TRUE(own);
  EXPECT_FALSE(coordinator.shutdown());
  release();
}

TEST_F(Silence, OfRankZeroIsNoticedByTheWorkers) {
  const OrderSensitiveObjective objective(10, 3);
  Communicator communicator(MPI_COMM_WORLD,
                            {.stall_seconds = 60.0, .patience_seconds = 1.0, .arrival_seconds = 60.0});
  if (communicator.rank() != 0) {
    EXPECT_THAT(stall_of([&] { serve(communicator, objective); }),
                AllOf(StartsWith(communicator.label(0) + " has been silent for 1 s"),
                      HasSubstr("waiting for the next task")));
  }
  control_.gather("noticed", "its verdict");
}

TEST_F(Silence, AtAnAgreementIsNoticed) {
  Communicator communicator(MPI_COMM_WORLD, impatient);
  if (communicator.rank() == 0) {
    EXPECT_THAT(stall_of([&] { communicator.gather("here", "word from everybody"); }),
                AllOf(StartsWith(communicator.label(communicator.size() - 1)),
                      HasSubstr("was waiting for word from everybody")));
    release();
  } else {
    if (communicator.rank() != communicator.size() - 1) communicator.gather("here", "word from everybody");
    wait_for_release();
  }
}

TEST_F(Silence, AtStartUpIsNoticed) {
  if (control_.rank() == 0) {
    EXPECT_THAT(stall_of([] { Communicator never_complete(MPI_COMM_WORLD, {.arrival_seconds = 0.5}); }),
                HasSubstr("arrived within 0.5 s"));
    release();
  } else {
    wait_for_release();
    // Completes the copy that rank 0 has given up, so that nothing is left half-done in MPI.
    MPI_Comm copy = MPI_COMM_NULL;
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Comm_idup(MPI_COMM_WORLD, &copy, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
  }
  control_.gather("done", "the end");
  control_.broadcast("done", "the end");
}

TEST_F(Silence, IsNotHeldAgainstRanksThatAreBusyOrWaitThemselves) {
  constexpr Index shards_a_rank = 30;  // 4.5 s of work, longer than the others have patience
  for (const int slow : {0, 1}) {
    Communicator communicator(MPI_COMM_WORLD,
                              {.stall_seconds = 3.0, .patience_seconds = 3.0, .arrival_seconds = 60.0});
    const OrderSensitiveObjective whole(1, shards_a_rank * communicator.size());
    const SlowObjective objective(whole, communicator.rank() == slow ? 0.15 : 0.0);
    if (communicator.rank() != 0) {
      EXPECT_EQ(stall_of([&] { serve(communicator, objective); }), "no stall");
      continue;
    }
    Coordinator coordinator(communicator, objective);
    coordinator.begin({1});
    coordinator.submit(point_at({}, Vector::Zero(1)));
    EXPECT_EQ(coordinator.close().evaluations.at(0).failure, "");
    EXPECT_TRUE(coordinator.shutdown());
  }
}

TEST_F(Silence, AWorkerWithAnotherProblemRefusesToServe) {
  Communicator communicator(MPI_COMM_WORLD, impatient);
  const bool odd = communicator.rank() == 1;
  const OrderSensitiveObjective objective(10, odd ? 4 : 3);
  if (communicator.rank() == 0) {
    Coordinator coordinator(communicator, objective, {.coordinator_evaluates = false});
    coordinator.begin({1});
    coordinator.submit(point_at({}, Vector::Ones(10)));
    EXPECT_THAT(stall_of([&] { coordinator.close(); }), StartsWith(communicator.label(1)));
    coordinator.shutdown();
    release();
  } else {
    try {
      serve(communicator, objective);
      EXPECT_FALSE(odd);
    } catch (const LaunchError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("10 in 3 shards"), HasSubstr("10 in 4 shards")));
      EXPECT_TRUE(odd);
    }
    wait_for_release();
  }
}

TEST_F(Silence, AnAnswerToAnotherQuestionIsRefused) {
  const OrderSensitiveObjective objective(10, 1);
  Communicator communicator(MPI_COMM_WORLD, patient);
  if (communicator.rank() == 0) {
    Coordinator coordinator(communicator, objective, {.coordinator_evaluates = false});
    coordinator.begin({1});
    coordinator.submit(point_at({}, Vector::Ones(10)));
    EXPECT_THROW(coordinator.close(), Error);
    EXPECT_FALSE(coordinator.shutdown());
  } else if (communicator.rank() == 1) {
    VectorPool pool;
    Outbox outbox(communicator);
    const ReceivedTask received = receive_task(communicator, 10, 1, 0, pool, {});
    Answer answer;
    answer.round = received.task.round + 1;
    answer.point = received.task.point;
    answer.shards = {0, 1};
    answer.gradient = Vector::Zero(10);
    post_answer(outbox, answer, pool);
    EXPECT_EQ(receive_task(communicator, 10, 1, 0, pool, {}).task.command, Command::stop);
  } else {
    serve(communicator, objective);
  }
  control_.gather("done", "the end");
  control_.broadcast("done", "the end");
}

}  // namespace
}  // namespace optex
