#pragma once

#include "optex/core/objective.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace optex {

/// Hands everything on to another objective: the base of those that change a part of it.
class ForwardingObjective : public Objective {
 public:
  explicit ForwardingObjective(std::unique_ptr<const Objective> inner) : inner_(std::move(inner)) {}

  Index dimension() const override { return inner_->dimension(); }
  Index shard_count() const override { return inner_->shard_count(); }
  Vector initial_point() const override { return inner_->initial_point(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    return inner_->value_and_gradient(theta, key, shard, gradient);
  }
  std::vector<HessianEntry> known_hessian(ConstVectorRef theta) const override {
    return inner_->known_hessian(theta);
  }
  Vector initial_state() const override { return inner_->initial_state(); }
  void advance(ConstVectorRef theta, Vector& state) const override { inner_->advance(theta, state); }
  void renew(ConstVectorRef state) const override { inner_->renew(state); }
  bool is_noisy() const override { return inner_->is_noisy(); }
  std::vector<Measure> assess(ConstVectorRef theta) const override { return inner_->assess(theta); }
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override { return inner_->exhibits(theta); }

 protected:
  const Objective& inner() const { return *inner_; }

 private:
  std::unique_ptr<const Objective> inner_;
};

}  // namespace optex
