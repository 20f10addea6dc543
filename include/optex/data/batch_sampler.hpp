#pragma once

#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace optex {

/// `batch` distinct samples of 0 .. samples-1 in ascending order, every subset equally likely, as a function
/// of (seed, iteration, point, batch) of the key alone. 1 <= batch <= samples. Expected cost O(batch log
/// batch), nothing of the size of the data.
std::vector<Index> draw_batch(const SampleKey& key, Index samples, Index batch);

/// What one shard contributes to a mean over the data: the sum over these samples times `weight`.
struct Selection {
  std::vector<Index> samples;  ///< ascending; may be empty when a mini-batch misses the shard
  double weight = 0.0;         ///< 1 / number of samples in the whole mean, over all shards
};

/// Decides which samples of which shard an evaluation looks at: all of them, or the shard's part of a
/// mini-batch that is drawn from the whole data. The draw knows nothing of the shards, so their number does
/// not change it.
class BatchSampler {
 public:
  /// batch = 0 or batch = samples: always all. Throws UsageError when shards or batch do not fit the data.
  BatchSampler(Index samples, Index shards, Index batch);

  Index shard_count() const { return shards_; }
  /// True when selections depend on the key.
  bool is_random() const { return batch_ < samples_; }

  /// With key.whole all samples of the shard.
  Selection select(const SampleKey& key, Index shard) const;

  /// The shard's share of the data, n_j / n; the shares of all shards add up to 1.
  double share(Index shard) const;

 private:
  std::shared_ptr<const std::vector<Index>> batch_of(const SampleKey& key) const;

  Index samples_, shards_, batch_;
  // A rank asks for the shards of one point one after the other: the last draw is kept for the next shard. It
  // is a function of its key, so results do not depend on it.
  mutable std::mutex mutex_;
  mutable SampleKey last_key_;
  mutable std::shared_ptr<const std::vector<Index>> last_batch_;
};

}  // namespace optex
