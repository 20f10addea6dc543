#include "optex/comparison/tuning.hpp"

#include <algorithm>
#include <limits>

#include "made_up_runs.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::failed_run;
using test::made_up_run;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr double infinite = std::numeric_limits<double>::infinity();

TEST(RunRecord, TellsWhereItStood) {
  const RunRecord run = made_up_run({8, 4, 2, 3, 1});
  ASSERT_NE(first_at(run, 2.5), nullptr);
  EXPECT_EQ(first_at(run, 2.5)->round, 2);
  EXPECT_EQ(first_at(run, 8)->round, 0);
  EXPECT_EQ(first_at(run, 0.9), nullptr);
  EXPECT_EQ(final_value(run), 1);
  EXPECT_EQ(smallest_value(made_up_run({8, 1, 3})), 1);
  EXPECT_EQ(final_value(failed_run({8, 1})), infinite);
  EXPECT_EQ(smallest_value(failed_run({8, 1})), 1);
  EXPECT_EQ(final_value(RunRecord{}), infinite);
  EXPECT_EQ(smallest_value(RunRecord{}), infinite);
}

TEST(Tuning, GridGoesOutwardsByPowersOfTwo) {
  const std::vector<double> grid = learning_rate_grid(0.5);
  EXPECT_THAT(grid, ElementsAre(0.5, 1, 0.25, 2, 0.125, 4, 0.0625));
}

TEST(Tuning, FewestRoundsToTheTightestTargetReached) {
  const std::vector<RunRecord> runs{made_up_run({8, 7, 6, 5, 1}), made_up_run({8, 4, 3, 3, 3}),
                                    made_up_run({8, 6, 2, 0.5, 0.4})};
  EXPECT_EQ(best_run(runs, {4, 1}), 2u);
  EXPECT_EQ(best_run(runs, {4, 0.1}), 1u);  // nobody comes to 0.1: 4 decides
  EXPECT_EQ(best_run(runs, {0.1}), 2u);     // nor does anything but the final value
  EXPECT_EQ(best_run(runs, {}), 2u);
  EXPECT_EQ(fewest_rounds(runs, 1), 3);
  EXPECT_EQ(fewest_rounds(runs, 0.1), std::nullopt);
}

TEST(Tuning, EqualRoundsAreDecidedByTheFinalValueThenByOrder) {
  const std::vector<RunRecord> runs{made_up_run({8, 1, 0.9}), made_up_run({8, 1, 0.2}),
                                    made_up_run({8, 1, 0.2})};
  EXPECT_EQ(best_run(runs, {1}), 1u);
}

TEST(Tuning, FailedRunsAreTheLastChoice) {
  EXPECT_EQ(best_run({failed_run({8, 0.1}), made_up_run({8, 7})}, {}), 1u);
  // One that came there first and broke afterwards was there first.
  EXPECT_EQ(best_run({made_up_run({8, 7, 1}), failed_run({8, 1})}, {1}), 1u);
  EXPECT_EQ(best_run({failed_run({}), failed_run({})}, {1}), 0u);
}

TEST(Tuning, TargetsAreWhatHadBeenReachedAtTheQuarters) {
  EXPECT_THAT(targets_from(made_up_run({100, 50, 40, 30, 20, 19, 18, 17, 16})), ElementsAre(40, 20, 16));
  EXPECT_THAT(targets_from(made_up_run({100, 50, 60, 70, 80})),
              ElementsAre(50));  // no progress, no new target
  EXPECT_THAT(targets_from(made_up_run({100, 50})), ElementsAre(50));
  EXPECT_THAT(targets_from(made_up_run({100, 120, 130})), IsEmpty());
  // What is shown the same is one target, and whoever is there by the digits shown is there.
  EXPECT_THAT(targets_from(made_up_run({100, 2.00000011, 2.0000001, 2.00000005, 2.0})),
              ElementsAre(2.00001, 2.0));
  EXPECT_THAT(targets_from(made_up_run({1e12 + 9, 1e12 + 3, 1e12 + 2, 1e12 + 1, 1e12})),
              ElementsAre(1e12 + 3, 1e12 + 2, 1e12));
  EXPECT_THAT(targets_from(RunRecord{}), IsEmpty());
}

}  // namespace
}  // namespace optex
