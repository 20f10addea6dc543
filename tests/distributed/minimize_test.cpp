#include "optex/mpi/minimize.hpp"

#include "optex/core/errors.hpp"
#include "optex/minimize/minimize.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/order_sensitive_objective.hpp"
#include <gmock/gmock.h>
#include <mpi.h>

namespace optex {
namespace {

using optex::testing::same_bits;
using ::testing::HasSubstr;

/// F = sum over 5 shards of the means of cosh(theta_i - shard), i = shard, shard + 5, ...
class Bowls final : public Objective {
 public:
  Index dimension() const override { return 40; }
  Index shard_count() const override { return 5; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index shard,
                            VectorRef gradient) const override {
    double value = 0.0;
    gradient.setZero();
    for (Index i = shard; i < theta.size(); i += 5) {
      const double x = theta[i] - 0.1 * static_cast<double>(shard);
      value += std::cosh(x - 1.0) / 40.0;
      gradient[i] = std::sinh(x - 1.0) / 40.0;
    }
    return value;
  }
  std::vector<Measure> assess(ConstVectorRef theta) const override { return {{"first", theta[0]}}; }
};

MinimizeOptions rounds(std::int64_t iterations) {
  MinimizeOptions options;
  options.learning_rate = 0.05;
  options.stop = {.iterations = iterations};
  return options;
}

int rank_in(MPI_Comm communicator) {
  int rank = 0;
  MPI_Comm_rank(communicator, &rank);
  return rank;
}

TEST(MinimizeOnRanks, EveryRankHasTheBitsOfOne) {
  const Bowls objective;
  const Outcome alone = minimize(objective, rounds(12));
  for (const bool coordinator_evaluates : {true, false}) {
    const Outcome together =
        minimize(MPI_COMM_WORLD, objective, rounds(12),
                 {.coordinator_evaluates = coordinator_evaluates, .stall_seconds = 60.0});
    EXPECT_TRUE(same_bits(together.solution, alone.solution));
    EXPECT_TRUE(same_bits(together.final_value, alone.final_value));
    EXPECT_EQ(together.reason, "iterations");
    ASSERT_EQ(together.measures.size(), 1U);
    EXPECT_EQ(together.measures.front().value, alone.solution[0]);
  }
}

TEST(MinimizeOnRanks, LongSolutionsReachEveryRankWhole) {
  class Long final : public Objective {
   public:
    Index dimension() const override { return 300000; }
    double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                              VectorRef gradient) const override {
      gradient = theta.array() - 1.0;
      return gradient.squaredNorm() / 2.0;
    }
  };
  MinimizeOptions options = rounds(2);
  options.strategy = Strategy::vanilla;
  const Outcome outcome = minimize(MPI_COMM_WORLD, Long(), options, {.stall_seconds = 60.0});
  EXPECT_TRUE(same_bits(outcome.solution, minimize(Long(), options).solution));
}

/// F = sum of (theta_i - 1)^2 / 2, the coordinates divided over the ranks of a communicator, which add up.
class Divided final : public Objective {
 public:
  explicit Divided(MPI_Comm worker) : worker_(worker) {
    MPI_Comm_rank(worker, &rank_);
    MPI_Comm_size(worker, &size_);
  }
  Index dimension() const override { return 12; }
  Index shard_count() const override { return 3; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    if (key.iteration == fails_in) throw std::runtime_error("rank " + std::to_string(rank_) + " failed");
    Vector mine = Vector::Zero(13);
    for (Index i = shard; i < 12; i += 3) {
      if (i % size_ != rank_) continue;
      mine[i] = theta[i] - 1.0;
      mine[12] += mine[i] * mine[i] / 2.0;
    }
    Vector sum(13);
    MPI_Allreduce(mine.data(), sum.data(), 13, MPI_DOUBLE, MPI_SUM, worker_);
    gradient = sum.head(12);
    if (rank_ != 0) gradient.setConstant(1e9);  // only the first one's counts
    return sum[12];
  }
  std::vector<Measure> assess(ConstVectorRef theta) const override {
    double mine = theta[rank_ % 12];
    double sum = 0.0;
    MPI_Allreduce(&mine, &sum, 1, MPI_DOUBLE, MPI_SUM, worker_);
    return {{"sum", sum}};
  }
  std::int64_t fails_in = -7;

 private:
  MPI_Comm worker_;
  int rank_ = 0;
  int size_ = 1;
};

int ranks_in_the_world() {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

TEST(MinimizeOnRanks, SeveralRanksComputeEachAnswerTogether) {
  const int world = ranks_in_the_world();
  const Outcome alone = minimize(Divided(MPI_COMM_SELF), rounds(8));
  for (int together = 1; together <= world; ++together) {
    MpiOptions mpi;
    mpi.ranks_per_worker = together;
    mpi.stall_seconds = 60.0;
    const auto make = [](MPI_Comm worker) { return std::make_unique<Divided>(worker); };
    if (world % together != 0) {
      EXPECT_THROW(minimize(MPI_COMM_WORLD, make, rounds(8), mpi), LaunchError);
      continue;
    }
    const Outcome outcome = minimize(MPI_COMM_WORLD, make, rounds(8), mpi);
    EXPECT_EQ(outcome.code, ExitCode::success) << outcome.message;
    EXPECT_TRUE(outcome.solution.isApprox(alone.solution, 1e-12));
    ASSERT_EQ(outcome.measures.size(), 1U);
  }
}

TEST(MinimizeOnRanks, AWorkersFailureIsToldOnce) {
  MpiOptions mpi;
  mpi.ranks_per_worker = ranks_in_the_world();
  mpi.stall_seconds = 60.0;
  const auto make = [](MPI_Comm worker) {
    auto objective = std::make_unique<Divided>(worker);
    objective->fails_in = 2;
    return objective;
  };
  MinimizeOptions options = rounds(8);
  options.strategy = Strategy::vanilla;
  const Outcome outcome = minimize(MPI_COMM_WORLD, make, options, mpi);
  EXPECT_EQ(outcome.code, ExitCode::evaluation_failed);
  EXPECT_THAT(outcome.message, HasSubstr("rank 0 failed"));
}

TEST(MinimizeOnRanks, TakesAnyPartOfTheWorldAndLeavesItsMessagesAlone) {
  const int rank = rank_in(MPI_COMM_WORLD);
  MPI_Comm part = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &part);  // in reverse order
  const Bowls objective;
  const Outcome outcome = minimize(part, objective, rounds(6), {.stall_seconds = 60.0});
  EXPECT_TRUE(same_bits(outcome.solution, minimize(objective, rounds(6)).solution));
  MPI_Comm_free(&part);
}

TEST(MinimizeOnRanks, WhatACallbackThrowsIsThrownEverywhere) {
  MinimizeOptions options = rounds(6);
  options.on_iteration = [](const RunState& run, const IterationReport&) {
    if (run.iteration == 3) throw std::runtime_error("the caller has had enough");
    return Wish::go_on;
  };
  try {
    minimize(MPI_COMM_WORLD, Bowls(), options, {.stall_seconds = 60.0});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("the caller has had enough"));
  }
}

TEST(MinimizeOnRanks, OptionsThatMakeNoSenseAreRefusedEverywhere) {
  MinimizeOptions options = rounds(6);
  options.start = Vector::Zero(3);
  EXPECT_THROW(minimize(MPI_COMM_WORLD, Bowls(), options, {.stall_seconds = 60.0}), Error);
  options = rounds(6);
  options.parallelism = 0;
  EXPECT_THROW(minimize(MPI_COMM_WORLD, Bowls(), options, {.stall_seconds = 60.0}), Error);
}

TEST(MinimizeOnRanks, AFailedEvaluationIsInEverybodysOutcome) {
  class Failing final : public Objective {
   public:
    Index dimension() const override { return 3; }
    Index shard_count() const override { return 3; }
    double value_and_gradient(ConstVectorRef, const SampleKey&, Index shard,
                              VectorRef gradient) const override {
      if (shard == 1) throw std::runtime_error("shard 1 has no mesh");
      gradient.setZero();
      return 0.0;
    }
  };
  const Outcome outcome = minimize(MPI_COMM_WORLD, Failing(), rounds(6), {.stall_seconds = 60.0});
  EXPECT_EQ(outcome.code, ExitCode::evaluation_failed);
  EXPECT_THAT(outcome.message, HasSubstr("shard 1 has no mesh"));
}

}  // namespace
}  // namespace optex
