#include "optex/evaluation/shard_evaluation.hpp"

#include "optex/core/errors.hpp"

#include <exception>
#include <limits>
#include <new>
#include <utility>

namespace optex {
namespace {

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text.empty() ? "no reason given" : text;
}

std::string place(const SampleKey& key, Index shard) {
  std::string text = "point " + std::to_string(key.point);
  if (key.batch != 0) text += ", batch " + std::to_string(key.batch);
  return text + ", shard " + std::to_string(shard) + ": ";
}

/// F_shard and its gradient, or why there is none.
std::string evaluate_shard(const Objective& objective, const SampleKey& key, ConstVectorRef theta,
                           PartialSum& leaf) {
  const Index shard = leaf.node.begin;
  try {
    leaf.value = objective.value_and_gradient(theta, key, shard, leaf.gradient);
    return {};
  } catch (const std::bad_alloc&) {
    return place(key, shard) + "out of memory";
  } catch (const std::exception& error) {
    return place(key, shard) + one_line(error.what());
  } catch (...) {
    return place(key, shard) + "the objective threw something that is no std::exception";
  }
}

}  // namespace

std::string evaluate_shards(const Objective& objective, const SampleKey& key, ConstVectorRef theta,
                            ShardRange range, VectorPool& pool,
                            const std::function<void(PartialSum)>& on_node,
                            const std::function<void()>& after_shard) {
  const Index shards = objective.shard_count();
  for (const ShardRange& node : covering_nodes(shards, range)) {
    Fold fold(shards, pool);
    for (Index shard = node.begin; shard < node.end; ++shard) {
      PartialSum leaf{{shard, shard + 1}, 0.0, pool.take(theta.size())};
      leaf.gradient.setConstant(std::numeric_limits<double>::quiet_NaN());
      std::string failure = evaluate_shard(objective, key, theta, leaf);
      if (failure.empty())
        fold.add(std::move(leaf));
      else
        pool.give_back(std::move(leaf.gradient));
      if (after_shard) after_shard();
      if (!failure.empty()) return failure;
    }
    on_node(fold.take());
  }
  return {};
}

void check_submission(Index submitted, Index announced, Index size, Index dimension) {
  if (submitted >= announced)
    throw Error(ExitCode::internal,
                "a point was submitted to a round that announced " + std::to_string(announced) + " points");
  if (size != dimension)
    throw Error(ExitCode::internal, "a point of length " + std::to_string(size) +
                                        " was submitted to an objective of dimension " +
                                        std::to_string(dimension));
}

}  // namespace optex
