#include "optex/evaluation/work_plan.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>

namespace optex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class Check>
void for_many_plans(Check check) {
  for (const Index points : {0, 1, 2, 5, 16})
    for (const Index shards : {1, 2, 7, 10})
      for (const int ranks : {1, 2, 3, 5, 7, 40})
        for (const bool coordinator : {true, false}) {
          SCOPED_TRACE(::testing::Message() << points << " points, " << shards << " shards, " << ranks
                                            << " ranks, coordinator " << coordinator);
          const std::vector<int> order = evaluating_ranks(ranks, coordinator);
          check(WorkPlan(points, shards, order), points, shards, order);
        }
}

TEST(EvaluatingRanks, RankZeroComesLast) {
  EXPECT_THAT(evaluating_ranks(4, true), ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(evaluating_ranks(4, false), ElementsAre(1, 2, 3));
  EXPECT_THAT(evaluating_ranks(1, true), ElementsAre(0));
  EXPECT_THAT(evaluating_ranks(1, false), ElementsAre(0));
}

TEST(WorkPlan, EveryShardOfEveryPointIsDoneOnceAndInOrder) {
  for_many_plans([](const WorkPlan& plan, Index points, Index shards, const std::vector<int>&) {
    EXPECT_EQ(plan.points(), points);
    for (Index point = 0; point < points; ++point) {
      Index next = 0;
      for (const Portion& portion : plan.of_point(point)) {
        EXPECT_EQ(portion.point, point);
        EXPECT_EQ(portion.shards.begin, next);
        EXPECT_GT(portion.shards.size(), 0);
        next = portion.shards.end;
      }
      EXPECT_EQ(next, shards);
    }
  });
}

TEST(WorkPlan, IsBalancedToWithinOneTaskAndTheLastNeverHasMore) {
  for_many_plans([](const WorkPlan& plan, Index, Index, const std::vector<int>& order) {
    std::vector<Index> tasks;
    for (const int rank : order) {
      Index mine = 0;
      for (const Portion& portion : plan.of_rank(rank)) mine += portion.shards.size();
      tasks.push_back(mine);
    }
    EXPECT_TRUE(std::is_sorted(tasks.rbegin(), tasks.rend()));
    EXPECT_LE(tasks.front() - tasks.back(), 1);
  });
}

TEST(WorkPlan, TheTasksOfARankAreContiguous) {
  for_many_plans([](const WorkPlan& plan, Index, Index shards, const std::vector<int>& order) {
    for (const int rank : order) {
      Index next = -1;
      for (const Portion& portion : plan.of_rank(rank)) {
        const Index first = portion.point * shards + portion.shards.begin;
        if (next >= 0) {
          EXPECT_EQ(first, next);
        }
        next = first + portion.shards.size();
      }
    }
  });
}

TEST(WorkPlan, PortionsByRankAndByPointAreTheSamePortions) {
  for_many_plans([](const WorkPlan& plan, Index points, Index, const std::vector<int>& order) {
    std::size_t by_rank = 0;
    std::size_t by_point = 0;
    for (const int rank : order) {
      for (const Portion& portion : plan.of_rank(rank)) {
        const auto of_point = plan.of_point(portion.point);
        EXPECT_NE(std::find(of_point.begin(), of_point.end(), portion), of_point.end());
        ++by_rank;
      }
    }
    for (Index point = 0; point < points; ++point) by_point += plan.of_point(point).size();
    EXPECT_EQ(by_rank, by_point);
  });
}

TEST(WorkPlan, ByShardARankHasTheSameShardsOfEveryPoint) {
  const WorkPlan plan = WorkPlan::by_shard(2, 5, evaluating_ranks(3, true));
  EXPECT_EQ(plan.points(), 2);
  for (Index point = 0; point < 2; ++point)
    EXPECT_THAT(plan.of_point(point),
                ElementsAre(Portion{1, point, {0, 2}}, Portion{2, point, {2, 4}}, Portion{0, point, {4, 5}}));
  EXPECT_THAT(plan.of_rank(2), ElementsAre(Portion{2, 0, {2, 4}}, Portion{2, 1, {2, 4}}));
  // More ranks than shards: the last ones have none.
  const WorkPlan few = WorkPlan::by_shard(3, 2, evaluating_ranks(4, true));
  EXPECT_EQ(few.of_rank(1).size(), 3u);
  EXPECT_TRUE(few.of_rank(3).empty());
  EXPECT_TRUE(few.of_rank(0).empty());
}

TEST(WorkPlan, RankZeroTakesTheLastTasks) {
  const WorkPlan plan(3, 2, evaluating_ranks(4, true));
  EXPECT_THAT(plan.of_point(0), ElementsAre(Portion{1, 0, {0, 2}}));
  EXPECT_THAT(plan.of_point(1), ElementsAre(Portion{2, 1, {0, 2}}));
  EXPECT_THAT(plan.of_point(2), ElementsAre(Portion{3, 2, {0, 1}}, Portion{0, 2, {1, 2}}));
}

TEST(WorkPlan, RanksBeyondTheTasksHaveNone) {
  const WorkPlan plan(1, 2, evaluating_ranks(5, true));
  EXPECT_THAT(plan.of_rank(2), ElementsAre(Portion{2, 0, {1, 2}}));
  EXPECT_THAT(plan.of_rank(3), IsEmpty());
  EXPECT_THAT(plan.of_rank(0), IsEmpty());
}

TEST(WorkPlan, RefusesARoundWithoutRanksOrShards) {
  EXPECT_THROW(WorkPlan(1, 1, {}), Error);
  EXPECT_THROW(WorkPlan(1, 0, {0}), Error);
  EXPECT_THROW(WorkPlan(-1, 1, {0}), Error);
}

}  // namespace
}  // namespace optex
