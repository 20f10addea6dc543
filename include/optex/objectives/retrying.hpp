#pragma once

#include "optex/core/objective.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace optex {

/// An objective whose failed evaluations are tried again at once, on the same rank and with the same key, so
/// that the numbers stay those of a run in which nothing failed. An infeasible point is an answer and is not
/// tried again, nor is one whose value is not finite.
class Retrying final : public Objective {
 public:
  /// `retries` >= 1: tries after the first.
  Retrying(std::unique_ptr<const Objective> inner, std::int64_t retries);

  Index dimension() const override { return inner_->dimension(); }
  Index shard_count() const override { return inner_->shard_count(); }
  Vector initial_point() const override { return inner_->initial_point(); }
  Vector initial_state() const override { return inner_->initial_state(); }
  void advance(ConstVectorRef theta, Vector& state) const override { inner_->advance(theta, state); }
  void renew(ConstVectorRef state) const override { inner_->renew(state); }
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override { return inner_->exhibits(theta); }
  bool is_noisy() const override { return inner_->is_noisy(); }
  std::vector<Measure> assess(ConstVectorRef theta) const override { return inner_->assess(theta); }

  /// Throws what the last try threw, with the number of tries added.
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;

 private:
  std::unique_ptr<const Objective> inner_;
  std::int64_t retries_;
};

}  // namespace optex
