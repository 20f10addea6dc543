#include "optex/core/fold_tree.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <set>

#include <gmock/gmock.h>

namespace optex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Leaves that cancel, so that the order of the additions shows in the digits.
double leaf_value(Index shard) {
  return std::ldexp(std::sin(1.0 + static_cast<double>(shard)), static_cast<int>((shard * 29) % 53));
}

PartialSum leaf(Index shard) {
  Vector gradient(2);
  gradient << leaf_value(shard), -1.0 / static_cast<double>(shard + 1);
  return {{shard, shard + 1}, leaf_value(shard), gradient};
}

/// The tree, written down a second time: node sum = left child's sum + right child's sum.
double recursive_sum(ShardRange node) {
  if (node.size() == 1) return leaf_value(node.begin);
  return recursive_sum({node.begin, cut(node)}) + recursive_sum({cut(node), node.end});
}

PartialSum sum_of_node(Index shards, ShardRange node, VectorPool& pool) {
  Fold fold(shards, pool);
  for (Index shard = node.begin; shard < node.end; ++shard) fold.add(leaf(shard));
  return fold.take();
}

TEST(Cut, LeavesThePowerOfTwoOnTheLeft) {
  EXPECT_EQ(cut({0, 2}), 1);
  EXPECT_EQ(cut({0, 3}), 2);
  EXPECT_EQ(cut({0, 4}), 2);
  EXPECT_EQ(cut({0, 7}), 4);
  EXPECT_EQ(cut({4, 7}), 6);
  EXPECT_EQ(cut({0, 9}), 8);
}

TEST(CoveringNodes, AreWrittenOutForSevenShards) {
  EXPECT_THAT(covering_nodes(7, {0, 7}), ElementsAre(ShardRange{0, 7}));
  EXPECT_THAT(covering_nodes(7, {1, 6}), ElementsAre(ShardRange{1, 2}, ShardRange{2, 4}, ShardRange{4, 6}));
  EXPECT_THAT(covering_nodes(7, {4, 7}), ElementsAre(ShardRange{4, 7}));
  EXPECT_THAT(covering_nodes(7, {3, 3}), IsEmpty());
  EXPECT_THROW(covering_nodes(7, {3, 8}), Error);
}

TEST(CoveringNodes, CoverEveryRangeExactlyAndAreFew) {
  for (Index shards = 1; shards <= 33; ++shards)
    for (Index begin = 0; begin < shards; ++begin)
      for (Index end = begin + 1; end <= shards; ++end) {
        Index next = begin;
        const auto nodes = covering_nodes(shards, {begin, end});
        for (const ShardRange& node : nodes) {
          EXPECT_EQ(node.begin, next);
          next = node.end;
        }
        EXPECT_EQ(next, end);
        EXPECT_LE(static_cast<double>(nodes.size()), std::max(1.0, 2.0 * std::ceil(std::log2(shards))));
      }
}

TEST(CoveringNodes, AreNotCoverableByFewerNodes) {
  for (Index shards = 1; shards <= 20; ++shards)
    for (Index begin = 0; begin < shards; ++begin)
      for (Index end = begin + 1; end <= shards; ++end) {
        const auto nodes = covering_nodes(shards, {begin, end});
        for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
          const ShardRange joined{nodes[i].begin, nodes[i + 1].end};
          EXPECT_NE(covering_nodes(shards, joined).size(), 1U);
        }
      }
}

TEST(Fold, FollowsTheTree) {
  VectorPool pool;
  for (Index shards = 1; shards <= 40; ++shards) {
    const PartialSum total = sum_of_node(shards, {0, shards}, pool);
    EXPECT_EQ(total.node, (ShardRange{0, shards}));
    EXPECT_EQ(total.value, recursive_sum({0, shards}));
    EXPECT_EQ(total.gradient[0], total.value);
  }
}

TEST(Fold, GivesTheSameBitsHoweverTheLeavesWereDivided) {
  VectorPool pool;
  for (Index shards = 1; shards <= 24; ++shards) {
    const PartialSum expected = sum_of_node(shards, {0, shards}, pool);
    for (Index a = 0; a <= shards; ++a)
      for (Index b = a; b <= shards; ++b) {
        Fold fold(shards, pool);
        for (const ShardRange& piece : {ShardRange{0, a}, ShardRange{a, b}, ShardRange{b, shards}})
          for (const ShardRange& node : covering_nodes(shards, piece))
            fold.add(sum_of_node(shards, node, pool));
        const PartialSum total = fold.take();
        EXPECT_EQ(total.value, expected.value) << "S = " << shards << ", cut at " << a << " and " << b;
        EXPECT_EQ(total.gradient, expected.gradient);
      }
  }
}

TEST(Fold, TheLeavesOfTheseTestsDoShowTheOrder) {
  double left_to_right = 0.0;
  for (Index shard = 0; shard < 24; ++shard) left_to_right += leaf_value(shard);
  EXPECT_NE(left_to_right, recursive_sum({0, 24}));
}

TEST(Fold, RefusesWhatIsNoNodeOrOutOfOrder) {
  VectorPool pool;
  Fold fold(6, pool);
  EXPECT_THROW(fold.add({{0, 3}, 0.0, Vector::Zero(2)}), Error);
  EXPECT_THROW(fold.add({{5, 7}, 0.0, Vector::Zero(2)}), Error);
  EXPECT_THROW(fold.take(), Error);
  fold.add(leaf(0));
  EXPECT_THROW(fold.add(leaf(2)), Error);
  EXPECT_THROW(fold.add(leaf(0)), Error);
  fold.add(leaf(1));
  fold.add(leaf(2));
  EXPECT_THROW(fold.take(), Error);
}

TEST(VectorPool, HandsOutTheSameStorageAgain) {
  VectorPool pool;
  Vector vector = pool.take(1000);
  const double* storage = vector.data();
  pool.give_back(std::move(vector));
  auto lent = pool.lend(pool.take(1000));
  EXPECT_EQ(lent->data(), storage);
  lent.reset();
  EXPECT_EQ(pool.take(1000).data(), storage);
  EXPECT_EQ(pool.take(7).size(), 7);
}

TEST(VectorPool, ALentVectorOutlivesThePool) {
  std::shared_ptr<Vector> lent;
  {
    VectorPool pool;
    lent = pool.lend(Vector::Ones(5));
  }
  EXPECT_EQ((*lent)[4], 1.0);
}

}  // namespace
}  // namespace optex
