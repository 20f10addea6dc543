#pragma once

#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"

#include <string>
#include <vector>

namespace optex {

/// One number that says how good a solution is in the problem's own terms (accuracy, perplexity, ...).
struct Measure {
  std::string name;
  double value = 0.0;
};

/// What is minimised: F(theta) = sum over shards j of F_j(theta), theta of length d.
///
/// Derive from this to bring your own problem. All member functions are const and may be called from several
/// ranks for different shards; none of them may use a random number that the key does not determine. Failing
/// is done by throwing: the run then names the point, the shard and the rank.
class Objective {
 public:
  virtual ~Objective() = default;

  /// Length d of theta.
  virtual Index dimension() const = 0;

  /// Number S of shards. Fixed by the configuration, never by the number of ranks.
  virtual Index shard_count() const { return 1; }

  /// Where a run starts unless the configuration says otherwise; length d.
  virtual Vector initial_point() const { return Vector::Zero(dimension()); }

  /// Writes the gradient of F_shard at theta into `gradient` (length d, every entry is written) and returns
  /// F_shard(theta). `key` names the mini-batch or noise draw; with `key.whole` the exact F_shard is wanted.
  virtual double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                    VectorRef gradient) const = 0;

  /// True when the answer depends on the key (mini-batches, noise).
  virtual bool is_noisy() const { return false; }

  /// Solution quality on data that is not used for gradients. Called at the end of a run, on rank 0.
  virtual std::vector<Measure> assess(ConstVectorRef theta) const {
    (void)theta;
    return {};
  }
};

}  // namespace optex
