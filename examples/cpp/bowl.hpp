#pragma once

#include <optex/core/objective.hpp>

/// F(theta) = 1/d sum_i cosh(theta_i - 1), in four shards.
class Bowl final : public optex::Objective {
 public:
  optex::Index dimension() const override { return 500; }
  optex::Index shard_count() const override { return 4; }
  double value_and_gradient(optex::ConstVectorRef theta, const optex::SampleKey&, optex::Index shard,
                            optex::VectorRef gradient) const override {
    const auto part = [&](const auto& v) { return v.segment(shard * 125, 125).array(); };
    gradient.setZero();
    gradient.segment(shard * 125, 125) = (part(theta) - 1.0).sinh() / 500.0;
    return (part(theta) - 1.0).cosh().sum() / 500.0;
  }
};
