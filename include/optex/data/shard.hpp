#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// A contiguous run of samples: first, first + 1, ..., first + count - 1.
struct SampleRange {
  Index first = 0;
  Index count = 0;

  Index end() const { return first + count; }
  friend bool operator==(const SampleRange&, const SampleRange&) = default;
};

/// Throws UsageError unless 1 <= shards <= samples, so that no shard is ever empty.
void check_shards(Index samples, Index shards);

/// Samples of shard j, 0 <= j < shards: [j n / S, (j+1) n / S) rounded down, so sizes differ by at most one
/// and neighbouring shards hold neighbouring samples. Throws UsageError as check_shards(), or when there is
/// no shard j.
SampleRange shard_range(Index samples, Index shards, Index shard);

}  // namespace optex
