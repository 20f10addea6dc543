#pragma once

#include "optex/core/fold_tree.hpp"
#include "optex/core/types.hpp"

#include <span>
#include <vector>

namespace optex {

/// Shards of one point that one rank evaluates.
struct Portion {
  int rank = 0;
  Index point = 0;  ///< position in the round
  ShardRange shards;

  friend bool operator==(const Portion&, const Portion&) = default;
};

/// The ranks that evaluate, in the order in which work is dealt to them: 1, 2, ..., and rank 0 last, because
/// it walks the proxy chain before it can evaluate and the first points should be under way by then. A rank
/// that is alone always evaluates.
std::vector<int> evaluating_ranks(int ranks, bool coordinator_evaluates);

/// Who evaluates what in a round of `points` points. The points x shards tasks, point by point, are cut into
/// one contiguous piece per rank; pieces differ by at most one task, the larger ones first. A function of its
/// arguments alone: every rank could work it out.
class WorkPlan {
 public:
  WorkPlan() = default;
  /// ranks: not empty, in the order of evaluating_ranks().
  WorkPlan(Index points, Index shards, const std::vector<int>& ranks);
  /// The same shards of every point go to the same rank, which needs the data of these alone: contiguous
  /// pieces that differ by at most one shard, the larger ones first. Ranks beyond the shards have nothing to
  /// do.
  static WorkPlan by_shard(Index points, Index shards, const std::vector<int>& ranks);

  Index points() const { return static_cast<Index>(first_.size()) - 1; }

  /// The portions of one point, in the order of their shards; together they are all its shards.
  std::span<const Portion> of_point(Index point) const;

  /// The portions of one rank, point by point.
  std::vector<Portion> of_rank(int rank) const;

 private:
  std::vector<Portion> portions_;         ///< point by point, then by shard
  std::vector<std::size_t> first_ = {0};  ///< where each point's portions begin; one more at the end
};

}  // namespace optex
