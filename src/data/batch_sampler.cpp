#include "optex/data/batch_sampler.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"
#include "optex/data/shard.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include <fmt/format.h>

namespace optex {

std::vector<Index> draw_batch(const SampleKey& key, Index samples, Index batch) {
  // Floyd's algorithm (Bentley, Floyd, "A sample of brilliance", CACM 30, 1987): one number a sample, no
  // rejection.
  const CounterRandom random(key, Stream::batch);
  std::unordered_set<Index> chosen;
  chosen.reserve(static_cast<std::size_t>(batch));
  for (Index i = 0; i < batch; ++i) {
    const Index newest = samples - batch + i;
    const auto candidate = static_cast<Index>(
        random.below(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(newest) + 1));
    if (!chosen.insert(candidate).second) chosen.insert(newest);
  }
  std::vector<Index> result(chosen.begin(), chosen.end());
  std::sort(result.begin(), result.end());
  return result;
}

BatchSampler::BatchSampler(Index samples, Index shards, Index batch)
    : samples_(samples), shards_(shards), batch_(batch == 0 ? samples : batch) {
  check_shards(samples, shards);
  if (batch < 0) throw UsageError(fmt::format("data.batch = {}: must be 0 (all samples) or positive", batch));
  if (batch > samples)
    throw UsageError(
        fmt::format("data.batch = {} exceeds the {} samples; use 0 for all of them", batch, samples));
}

std::shared_ptr<const std::vector<Index>> BatchSampler::batch_of(const SampleKey& key) const {
  const std::lock_guard lock(mutex_);
  if (!last_batch_ || last_key_ != key) {
    last_batch_ = std::make_shared<const std::vector<Index>>(draw_batch(key, samples_, batch_));
    last_key_ = key;
  }
  return last_batch_;
}

Selection BatchSampler::select(const SampleKey& key, Index shard) const {
  const SampleRange range = shard_range(samples_, shards_, shard);
  Selection selection;
  if (key.whole || !is_random()) {
    selection.samples.resize(static_cast<std::size_t>(range.count));
    std::iota(selection.samples.begin(), selection.samples.end(), range.first);
    selection.weight = 1.0 / static_cast<double>(samples_);
  } else {
    const auto batch = batch_of(key);
    selection.samples.assign(std::lower_bound(batch->begin(), batch->end(), range.first),
                             std::lower_bound(batch->begin(), batch->end(), range.end()));
    selection.weight = 1.0 / static_cast<double>(batch_);
  }
  return selection;
}

double BatchSampler::share(Index shard) const {
  return static_cast<double>(shard_range(samples_, shards_, shard).count) / static_cast<double>(samples_);
}

}  // namespace optex
