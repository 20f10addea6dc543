#pragma once

#include "optex/core/fold_tree.hpp"
#include "optex/core/objective.hpp"
#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"

#include <functional>
#include <string>

namespace optex {

/// Evaluates F_j at theta for the shards j of `range`, in order, and hands each of its covering nodes to
/// `on_node` as soon as it is summed. Every rank evaluates through this function: that is why the digits
/// agree.
///
/// Returns an empty string, or, when the objective threw, one line with point, shard and cause; the shards
/// after it are not evaluated and the node that it belongs to is not handed over. `after_shard` (may be
/// empty) runs after each shard. What the callbacks throw passes through.
///
/// Every gradient is filled with NaN before the objective sees it: an objective that leaves entries
/// unwritten, or adds to what is there, is found out instead of giving numbers that depend on the rank.
std::string evaluate_shards(const Objective& objective, const SampleKey& key, ConstVectorRef theta,
                            ShardRange range, VectorPool& pool,
                            const std::function<void(PartialSum)>& on_node,
                            const std::function<void()>& after_shard = {});

/// Throws Error (internal) unless one more point of length `size` may be submitted to a round that announced
/// `announced` points of length `dimension` and has `submitted` so far.
void check_submission(Index submitted, Index announced, Index size, Index dimension);

}  // namespace optex
