#include "optex/core/parallel_for.hpp"

#include <atomic>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

class Threads : public testing::TestWithParam<int> {
 protected:
  Threads() { set_thread_count(GetParam()); }
  ~Threads() override { set_thread_count(1); }
};

TEST_P(Threads, EveryIndexIsWorkedOnOnce) {
  for (const Index count : {0, 1, 7, 1000}) {
    std::vector<int> visits(static_cast<std::size_t>(count), 0);
    for (int again = 0; again < 20; ++again)
      parallel_for(count, 3, [&](Index i) { ++visits[static_cast<std::size_t>(i)]; });
    EXPECT_EQ(visits, std::vector<int>(static_cast<std::size_t>(count), 20)) << count;
  }
}

TEST_P(Threads, WhatIsThrownArrivesAndTheNextCallWorks) {
  EXPECT_THROW(parallel_for(100, 1,
                            [](Index i) {
                              if (i == 41) throw std::runtime_error("41");
                            }),
               std::runtime_error);
  std::atomic<int> calls = 0;
  parallel_for(100, 1, [&](Index) { ++calls; });
  EXPECT_EQ(calls, 100);
}

TEST_P(Threads, ACallWithinWorkRunsAloneAndWhole) {
  std::atomic<int> calls = 0;
  parallel_for(10, 1, [&](Index) { parallel_for(10, 1, [&](Index) { ++calls; }); });
  EXPECT_EQ(calls, 100);
}

TEST_P(Threads, SumsHaveTheSameBitsOnAnyNumber) {
  constexpr Index count = 9000;  // more than are held at a time
  const auto term = [](Index i, double* partial) {
    partial[0] = std::sin(static_cast<double>(i));
    partial[1] = 1.0 / static_cast<double>(i + 1);
  };
  double expected[2] = {0.0, 0.0};
  for (Index i = 0; i < count; ++i) {
    double partial[2];
    term(i, partial);
    for (int k = 0; k < 2; ++k) expected[k] += partial[k];
  }
  double totals[2] = {7.0, 7.0};
  parallel_sum(count, 2, term, totals);
  EXPECT_EQ(totals[0], expected[0]);
  EXPECT_EQ(totals[1], expected[1]);
}

INSTANTIATE_TEST_SUITE_P(ParallelFor, Threads, testing::Values(1, 2, 5));

}  // namespace
}  // namespace optex
