#pragma once

#include "optex/estimation/gradient_model.hpp"

#include <memory>

namespace optex::test {

/// The same model without what lies behind it: walks have to go through all coordinates.
class Opaque final : public GradientModel {
 public:
  explicit Opaque(const GradientModel& model) : model_(model) {}
  double predict(ConstVectorRef theta, VectorRef mean) const override { return model_.predict(theta, mean); }
  std::unique_ptr<ModelWalk> walk(VectorRef theta, const Units& units) const override {
    return model_.walk(theta, units);
  }
  double noise_energy() const override { return model_.noise_energy(); }

 private:
  const GradientModel& model_;
};

}  // namespace optex::test
