#pragma once

#include "optex/core/forwarding_objective.hpp"

#include <memory>

namespace optex {

/// How a Costly objective passes its time.
enum class CostKind {
  compute,  ///< arithmetic: the core is busy
  sleep,    ///< the core is free for others, as when the work is done elsewhere
};

/// Another objective whose every gradient takes a given time at least: for rehearsing how a run would go with
/// gradients of that price. Numbers do not change.
class Costly final : public ForwardingObjective {
 public:
  /// `seconds` for all shards of one gradient together, each an equal share. Throws UsageError unless it is
  /// finite and at least 0.
  Costly(std::unique_ptr<const Objective> cheap, CostKind kind, double seconds);

  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;

 private:
  CostKind kind_;
  double seconds_;  ///< a shard
};

}  // namespace optex
