#pragma once

#include "optex/core/forwarding_objective.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace optex {

/// An objective whose failed evaluations are tried again at once, on the same rank and with the same key, so
/// that the numbers stay those of a run in which nothing failed. An infeasible point is an answer and is not
/// tried again, nor is one whose value is not finite.
class Retrying final : public ForwardingObjective {
 public:
  /// `retries` >= 1: tries after the first.
  Retrying(std::unique_ptr<const Objective> inner, std::int64_t retries);

  /// Throws what the last try threw, with the number of tries added.
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;

 private:
  std::int64_t retries_;
};

}  // namespace optex
