#include "optex/data/shard.hpp"

#include "optex/core/errors.hpp"

#include <fmt/format.h>

namespace optex {

void check_shards(Index samples, Index shards) {
  if (shards < 1) throw UsageError(fmt::format("data.shards = {}: at least one shard is needed", shards));
  if (shards > samples)
    throw UsageError(fmt::format(
        "data.shards = {} exceeds the {} samples: some shards would be empty; use at most {} shards", shards,
        samples, samples));
}

SampleRange shard_range(Index samples, Index shards, Index shard) {
  check_shards(samples, shards);
  if (shard < 0 || shard >= shards)
    throw UsageError(fmt::format("shard {} does not exist: shards are 0 to {}", shard, shards - 1));
  // floor(j n / S) as j (n / S) + floor(j (n mod S) / S): j n itself could overflow, j (n mod S) < S^2 cannot
  // for any S that fits in memory.
  const Index quotient = samples / shards;
  const Index remainder = samples % shards;
  const auto start = [=](Index j) { return j * quotient + j * remainder / shards; };
  return {start(shard), start(shard + 1) - start(shard)};
}

}  // namespace optex
