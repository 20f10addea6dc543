#pragma once

#include "optex/core/bounds.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace optex {

/// Another update rule whose every step ends at the nearest point of a box. Its moments are those of the rule
/// inside: they do not know of the box.
class Projected final : public Optimizer {
 public:
  Projected(std::shared_ptr<const Optimizer> rule, Bounds bounds)
      : rule_(std::move(rule)), bounds_(std::move(bounds)) {}

  const Bounds& bounds() const { return bounds_; }
  Index moment_count() const override { return rule_->moment_count(); }
  void update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
              Matrix& moments) const override {
    rule_->update(step, first, theta, gradient, moments);
    bounds_.project(theta, first);
  }

 private:
  std::shared_ptr<const Optimizer> rule_;
  Bounds bounds_;
};

}  // namespace optex
