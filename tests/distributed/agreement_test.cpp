#include "optex/distributed/agreement.hpp"

#include "optex/core/objective.hpp"
#include "optex/distributed/independence.hpp"

#include <new>
#include <stdexcept>

#include <gmock/gmock.h>
#include <mpi.h>

namespace optex {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Agreement : public ::testing::Test {
 protected:
  /// What everybody is told; rank 0's label for a rank.
  AgreedError told_by(const std::function<void()>& exchange) {
    try {
      exchange();
    } catch (const AgreedError& error) {
      return error;
    }
    ADD_FAILURE() << "nobody complained";
    return {ExitCode::success, ""};
  }
  std::string label(int rank) { return communicator_.broadcast(communicator_.label(rank), "a label"); }

  Communicator communicator_{MPI_COMM_WORLD, {.stall_seconds = 60.0}};
  int rank_ = communicator_.rank();
  int size_ = communicator_.size();
};

/// F = theta_0^2, or the sum of that over all ranks of MPI_COMM_WORLD, or that of rank 0.
class Speaking final : public Objective {
 public:
  enum class To { nobody, all, first };
  explicit Speaking(To to) : to_(to) {}
  Index dimension() const override { return 2; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    gradient.setZero();
    double value = theta[0] * theta[0];
    if (to_ == To::all) MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    if (to_ == To::first) MPI_Bcast(&value, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    return value;
  }

 private:
  To to_;
};

TEST_F(Agreement, AnObjectiveThatSpeaksToAllRanksIsFoundOut) {
  const Vector start = Vector::Ones(2);
  EXPECT_NO_THROW(check_independent(communicator_, Speaking(Speaking::To::nobody), start));
  for (const auto to : {Speaking::To::all, Speaking::To::first}) {
    const Speaking objective(to);
    if (size_ == 1)
      EXPECT_NO_THROW(check_independent(communicator_, objective, start));
    else
      EXPECT_THAT(told_by([&] { check_independent(communicator_, objective, start); }).what(),
                  HasSubstr("it seems to communicate over MPI_COMM_WORLD"));
  }
}

TEST_F(Agreement, NobodyFailed) {
  EXPECT_NO_THROW(agree(communicator_, std::nullopt));
  EXPECT_NO_THROW(run_agreed(communicator_, [] {}));
}

TEST_F(Agreement, OneFailureIsEverybodysWithItsCodeAndOrigin) {
  for (int culprit = 0; culprit < size_; ++culprit) {
    std::optional<Failure> failure;
    if (rank_ == culprit) failure = Failure{ExitCode::io, "no data here: /data/train.idx"};
    const AgreedError error = told_by([&] { agree(communicator_, failure); });
    EXPECT_EQ(error.code(), ExitCode::io);
    const std::string origin = label(culprit) + ": ";
    EXPECT_EQ(error.what(), (size_ == 1 ? "" : origin) + "no data here: /data/train.idx");
  }
}

TEST_F(Agreement, WhatFailsAlikeEverywhereIsSaidOnce) {
  const AgreedError error = told_by([&] {
    agree(communicator_, Failure{ExitCode::usage, "config.toml:3: unknown key"});
  });
  EXPECT_EQ(error.code(), ExitCode::usage);
  EXPECT_STREQ(error.what(), "config.toml:3: unknown key");
}

TEST_F(Agreement, TheLowestRankSpeaksForTheOthers) {
  if (size_ < 3) GTEST_SKIP() << "needs three ranks";
  std::optional<Failure> failure;
  if (rank_ != 0) failure = Failure{static_cast<ExitCode>(rank_), "failure of rank " + std::to_string(rank_)};
  const AgreedError error = told_by([&] { agree(communicator_, failure); });
  EXPECT_EQ(error.code(), static_cast<ExitCode>(1));
  EXPECT_THAT(error.what(), StartsWith(label(1) + ": failure of rank 1 (and "));
  EXPECT_THAT(error.what(),
              HasSubstr(size_ == 3 ? "one more rank)" : std::to_string(size_ - 2) + " more ranks)"));
}

TEST_F(Agreement, AStepThatThrowsOnOneRankEndsOnAll) {
  const int culprit = size_ - 1;
  const auto code_of = [&](const std::function<void()>& step) {
    return told_by([&] {
             run_agreed(communicator_, [&] {
               if (rank_ == culprit) step();
             });
           })
        .code();
  };
  EXPECT_EQ(code_of([] { throw IoError("unreadable"); }), ExitCode::io);
  EXPECT_EQ(code_of([] { throw std::runtime_error("a defect"); }), ExitCode::internal);
  EXPECT_EQ(code_of([] { throw std::bad_alloc(); }), ExitCode::internal);
}

TEST_F(Agreement, AgreementsCanBeNested) {
  const AgreedError error = told_by([&] {
    run_agreed(communicator_, [&] {
      run_agreed(communicator_, [&] {
        if (rank_ == 0) throw UsageError("inner");
      });
    });
  });
  EXPECT_EQ(error.code(), ExitCode::usage);
}

TEST_F(Agreement, TheSameFactsPass) {
  EXPECT_NO_THROW(check_same(communicator_, {{"dimension", "7850"}, {"version", "0.1.0"}}));
  EXPECT_NO_THROW(check_same(communicator_, {}));
}

TEST_F(Agreement, TheOddRankIsNamedWithTheFirstFactThatDiffers) {
  for (int odd = 1; odd < size_; ++odd) {
    const std::string dimension = rank_ == odd ? "12" : "10";
    const AgreedError error = told_by([&] {
      check_same(communicator_, {{"version", "1"}, {"dimension", dimension}, {"hash", dimension}});
    });
    EXPECT_EQ(error.code(), ExitCode::launch);
    EXPECT_THAT(error.what(), StartsWith(label(odd) + ": dimension is 12 there and 10 on rank 0; "));
    EXPECT_THAT(error.what(), Not(HasSubstr("hash")));
  }
}

TEST_F(Agreement, OtherFactsAreOtherFacts) {
  if (size_ < 2) GTEST_SKIP() << "needs two ranks";
  Facts facts{{"dimension", "10"}};
  if (rank_ == 1) facts.emplace_back("hash", "x");
  const AgreedError error = told_by([&] { check_same(communicator_, facts); });
  EXPECT_EQ(error.code(), ExitCode::launch);
  EXPECT_THAT(error.what(), StartsWith(label(1) + ": "));
}

}  // namespace
}  // namespace optex
