#include "optex/core/fold_tree.hpp"

#include "optex/core/errors.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <utility>

namespace optex {
namespace {

std::string text(ShardRange range) {
  return "[" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ")";
}

void collect_nodes(ShardRange node, ShardRange range, std::vector<ShardRange>& nodes) {
  if (node.end <= range.begin || range.end <= node.begin) return;
  if (range.begin <= node.begin && node.end <= range.end) {
    nodes.push_back(node);
    return;
  }
  const Index middle = cut(node);
  collect_nodes({node.begin, middle}, range, nodes);
  collect_nodes({middle, node.end}, range, nodes);
}

/// Walks from the root towards `target`; true when it is met.
bool is_node(Index shards, ShardRange target) {
  ShardRange node{0, shards};
  if (target.size() < 1 || target.begin < 0 || target.end > shards) return false;
  while (node != target && node.size() > 1) {
    const Index middle = cut(node);
    if (target.begin < middle)
      node.end = middle;
    else
      node.begin = middle;
  }
  return node == target;
}

}  // namespace

Index cut(ShardRange node) {
  return node.begin + static_cast<Index>(std::bit_floor(static_cast<std::uint64_t>(node.size() - 1)));
}

std::vector<ShardRange> covering_nodes(Index shards, ShardRange range) {
  if (range.begin < 0 || range.end > shards)
    throw Error(ExitCode::internal,
                "shards " + text(range) + " asked of a tree over " + std::to_string(shards) + " shards");
  std::vector<ShardRange> nodes;
  if (range.size() > 0) collect_nodes({0, shards}, range, nodes);
  return nodes;
}

Fold::Fold(Index shards, VectorPool& pool) : shards_(shards), pool_(pool) {}

Fold::~Fold() {
  for (PartialSum& part : pending_) pool_.give_back(std::move(part.gradient));
}

bool Fold::are_siblings(ShardRange left, ShardRange right) const {
  const ShardRange parent{left.begin, right.end};
  return cut(parent) == left.end && is_node(shards_, parent);
}

void Fold::add(PartialSum part) {
  if (!is_node(shards_, part.node))
    throw Error(ExitCode::internal, "shards " + text(part.node) + " are no node of the tree over " +
                                        std::to_string(shards_) + " shards");
  if (!pending_.empty() && pending_.back().node.end != part.node.begin)
    throw Error(ExitCode::internal, "shards " + text(part.node) + " were added after shards " +
                                        text(pending_.back().node) + ", out of order");
  while (!pending_.empty() && are_siblings(pending_.back().node, part.node)) {
    PartialSum left = std::move(pending_.back());
    pending_.pop_back();
    left.node.end = part.node.end;
    left.value += part.value;
    left.gradient += part.gradient;
    pool_.give_back(std::move(part.gradient));
    part = std::move(left);
  }
  pending_.push_back(std::move(part));
}

PartialSum Fold::take() {
  if (pending_.size() != 1)
    throw Error(ExitCode::internal,
                "a sum over shards was taken from " + std::to_string(pending_.size()) + " separate parts");
  PartialSum total = std::move(pending_.back());
  pending_.clear();
  return total;
}

}  // namespace optex
