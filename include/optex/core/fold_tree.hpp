#pragma once

#include "optex/core/types.hpp"
#include "optex/core/vector_pool.hpp"

#include <vector>

/// One fixed binary tree over the shards [0, S) gives every sum over shards its order, so that the digits of
/// the sum do not depend on who computed which shards.
namespace optex {

/// The shards [begin, end).
struct ShardRange {
  Index begin = 0;
  Index end = 0;

  Index size() const { return end - begin; }
  friend bool operator==(const ShardRange&, const ShardRange&) = default;
};

/// Where a node of at least two shards is cut in two: its left child takes the largest power of two shards
/// that leaves at least one for the right. This one rule defines the tree.
Index cut(ShardRange node);

/// The largest nodes of the tree over [0, shards) that lie in `range`, left to right: they cover it exactly,
/// and there are at most 2 log2(shards) of them (one when `range` is a node). Empty for an empty range.
std::vector<ShardRange> covering_nodes(Index shards, ShardRange range);

/// A value and a gradient (length d) summed over the shards of one node.
struct PartialSum {
  ShardRange node;
  double value = 0.0;
  Vector gradient;
};

/// Adds up partial sums that arrive left to right, in the order of the tree. Holds at most log2(S) + 1
/// gradients; each gradient is added exactly once, in place. Storage that is no longer needed goes back to
/// the pool.
class Fold {
 public:
  /// The tree over [0, shards). The pool must outlive this object.
  Fold(Index shards, VectorPool& pool);
  ~Fold();
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;

  /// The next node to the right. Throws Error (internal) when it is not a node or does not follow the last
  /// one.
  void add(PartialSum part);

  /// The sum of all that was added, which must make up one whole node; leaves this object empty.
  PartialSum take();

 private:
  bool are_siblings(ShardRange left, ShardRange right) const;

  Index shards_;
  VectorPool& pool_;
  std::vector<PartialSum>
      pending_;  ///< complete nodes whose right sibling is not complete yet, left to right
};

}  // namespace optex
