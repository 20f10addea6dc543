#include "optex/evaluation/work_plan.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>

namespace optex {

std::vector<int> evaluating_ranks(int ranks, bool coordinator_evaluates) {
  std::vector<int> order;
  for (int rank = 1; rank < ranks; ++rank) order.push_back(rank);
  if (coordinator_evaluates || ranks == 1) order.push_back(0);
  return order;
}

WorkPlan::WorkPlan(Index points, Index shards, const std::vector<int>& ranks) {
  if (ranks.empty() || points < 0 || shards < 1)
    throw Error(ExitCode::internal, "a round needs ranks, points and shards to be planned");
  const auto count = static_cast<Index>(ranks.size());
  const Index tasks = points * shards;

  Index task = 0;   // number of the next task: point * shards + shard
  Index piece = 0;  // which rank's turn it is
  Index left = 0;   // tasks that this rank still takes
  for (Index point = 0; point < points; ++point) {
    while (task < (point + 1) * shards) {
      if (left == 0) {
        left = tasks / count + (piece < tasks % count ? 1 : 0);
        ++piece;
      }
      const Index begin = task - point * shards;
      const Index taken = std::min(left, shards - begin);
      portions_.push_back({ranks[static_cast<std::size_t>(piece - 1)], point, {begin, begin + taken}});
      task += taken;
      left -= taken;
    }
    first_.push_back(portions_.size());
  }
}

WorkPlan WorkPlan::by_shard(Index points, Index shards, const std::vector<int>& ranks) {
  const WorkPlan one(1, shards, ranks);
  WorkPlan plan;
  for (Index point = 0; point < points; ++point) {
    for (Portion portion : one.portions_) {
      portion.point = point;
      plan.portions_.push_back(portion);
    }
    plan.first_.push_back(plan.portions_.size());
  }
  return plan;
}

std::span<const Portion> WorkPlan::of_point(Index point) const {
  const auto index = static_cast<std::size_t>(point);
  return std::span(portions_).subspan(first_[index], first_[index + 1] - first_[index]);
}

std::vector<Portion> WorkPlan::of_rank(int rank) const {
  std::vector<Portion> mine;
  std::copy_if(portions_.begin(), portions_.end(), std::back_inserter(mine),
               [rank](const Portion& portion) { return portion.rank == rank; });
  return mine;
}

}  // namespace optex
