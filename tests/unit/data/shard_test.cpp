#include "optex/data/shard.hpp"

#include "optex/core/errors.hpp"

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(Shard, RangesTileTheSamplesAndDifferByAtMostOne) {
  for (const Index samples : {1, 2, 7, 64, 1000, 60000})
    for (const Index shards : {1, 2, 3, 7, 64, 999, 60000}) {
      if (shards > samples) continue;
      Index next = 0;
      for (Index j = 0; j < shards; ++j) {
        const SampleRange range = shard_range(samples, shards, j);
        ASSERT_EQ(range.first, next);
        ASSERT_GE(range.count, samples / shards);
        ASSERT_LE(range.count, samples / shards + 1);
        next = range.end();
      }
      ASSERT_EQ(next, samples);
    }
}

TEST(Shard, HugeCountsDoNotOverflow) {
  const Index samples = Index{1} << 62;
  EXPECT_EQ(shard_range(samples, 1000003, 1000002).end(), samples);
}

TEST(Shard, RefusesWhatCannotBeCut) {
  EXPECT_THROW(shard_range(10, 0, 0), UsageError);
  EXPECT_THROW(shard_range(10, -1, 0), UsageError);
  EXPECT_THROW(shard_range(10, 11, 0), UsageError);
  EXPECT_THROW(shard_range(0, 1, 0), UsageError);
  EXPECT_THROW(shard_range(10, 2, 2), UsageError);
  EXPECT_THROW(shard_range(10, 2, -1), UsageError);
}

}  // namespace
}  // namespace optex
