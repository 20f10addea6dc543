#pragma once

#include "optex/core/objective.hpp"

#include <chrono>
#include <cstdint>
#include <thread>

namespace optex::testing {

/// Another objective that takes its time for a shard on this rank, from a round on.
class SlowObjective final : public Objective {
 public:
  SlowObjective(const Objective& whole, double seconds, std::int64_t from_round = 0)
      : whole_(whole), seconds_(seconds), from_round_(from_round) {}
  Index dimension() const override { return whole_.dimension(); }
  Index shard_count() const override { return whole_.shard_count(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    if (seconds_ > 0.0 && key.iteration >= from_round_)
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds_));
    return whole_.value_and_gradient(theta, key, shard, gradient);
  }

 private:
  const Objective& whole_;
  double seconds_;
  std::int64_t from_round_;
};

}  // namespace optex::testing
