#include "optex/mpi/minimize.hpp"

#include "optex/core/errors.hpp"
#include "optex/minimize/minimize.hpp"

#include <cmath>
#include <stdexcept>
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
    const Outcome together = minimize(MPI_COMM_WORLD, objective, rounds(12), {coordinator_evaluates, 60.0});
    EXPECT_TRUE(same_bits(together.solution, alone.solution));
    EXPECT_TRUE(same_bits(together.final_value, alone.final_value));
    EXPECT_EQ(together.reason, "iterations");
    ASSERT_EQ(together.measures.size(), 1U);
    EXPECT_EQ(together.measures.front().value, alone.solution[0]);
  }
}

TEST(MinimizeOnRanks, TakesAnyPartOfTheWorldAndLeavesItsMessagesAlone) {
  const int rank = rank_in(MPI_COMM_WORLD);
  MPI_Comm part = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &part);  // in reverse order
  const Bowls objective;
  const Outcome outcome = minimize(part, objective, rounds(6), {true, 60.0});
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
    minimize(MPI_COMM_WORLD, Bowls(), options, {true, 60.0});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("the caller has had enough"));
  }
}

TEST(MinimizeOnRanks, OptionsThatMakeNoSenseAreRefusedEverywhere) {
  MinimizeOptions options = rounds(6);
  options.start = Vector::Zero(3);
  EXPECT_THROW(minimize(MPI_COMM_WORLD, Bowls(), options, {true, 60.0}), Error);
  options = rounds(6);
  options.parallelism = 0;
  EXPECT_THROW(minimize(MPI_COMM_WORLD, Bowls(), options, {true, 60.0}), Error);
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
  const Outcome outcome = minimize(MPI_COMM_WORLD, Failing(), rounds(6), {true, 60.0});
  EXPECT_EQ(outcome.code, ExitCode::evaluation_failed);
  EXPECT_THAT(outcome.message, HasSubstr("shard 1 has no mesh"));
}

}  // namespace
}  // namespace optex
