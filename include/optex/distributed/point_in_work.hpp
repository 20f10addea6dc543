#pragma once

#include "optex/core/fold_tree.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/distributed/protocol.hpp"
#include "optex/evaluation/evaluator.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace optex {

/// What one rank computes of a point: the shards of its task.
struct Part {
  int rank = 0;
  Task task;
  Index answered = task.shards.begin;  ///< the shards before this one are answered
  std::vector<PartialSum> sums = {};   ///< answered and not folded yet, left to right
  std::string failure = {};            ///< with its rank; then no more sums come
  bool done = false;
};

/// A point that was submitted, until its answer is handed over. Sums may come for any of its parts; they are
/// folded from the left as far as they are there.
class PointInWork {
 public:
  /// theta: length d. The pool must outlive this object.
  PointInWork(const SampleKey& at, std::shared_ptr<const Vector> theta_there, Index shards, VectorPool& pool);

  SampleKey key;
  std::shared_ptr<const Vector> theta;  ///< null once this rank will not evaluate there any more
  std::vector<Part> parts;              ///< in the order of their shards, together all of them

  /// Takes over the sums that have come at the front.
  void fold();
  /// All parts are done and folded.
  bool complete() const { return folded_ == parts.size(); }
  /// The first part that is not done; null when this is complete.
  Part* front() { return complete() ? nullptr : &parts[folded_]; }
  bool failed() const { return !failure_.empty(); }
  /// Nobody wants the answer any more.
  void abandon();
  /// Of a complete point: the sum over all shards, or the failure of the first part that failed.
  Evaluation take();

 private:
  VectorPool* pool_;
  std::unique_ptr<Fold> fold_;
  std::size_t folded_ = 0;  ///< parts that are done and folded
  std::string failure_;
};

}  // namespace optex
