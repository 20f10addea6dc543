#pragma once

#include "optex/core/units.hpp"
#include "optex/estimation/gradient_model.hpp"

#include <cassert>
#include <memory>

namespace optex {

/// A model of the gradient in length units of one's own, seen from theta: z = theta / scale goes in, and
/// scale grad F, which comes out, is divided by scale. The noise that it sees is taken for equally large in
/// every coordinate of scale grad F, as the model itself does.
class ModelInUnits final : public GradientModel {
 public:
  /// `model` must outlive this.
  ModelInUnits(const GradientModel& model, const Units& units) : model_(model), units_(units) {}

  double predict(ConstVectorRef theta, VectorRef mean) const override {
    if (units_.none()) return model_.predict(theta, mean);
    const double variance = model_.predict(units_.position(theta), mean);
    units_.gradient_to_theta(mean);
    return variance;
  }
  const Posterior* posterior() const override { return units_.none() ? model_.posterior() : nullptr; }
  /// Units within units are not needed anywhere: `outer` must be none().
  std::unique_ptr<ModelWalk> walk(VectorRef theta, const Units& outer) const override {
    assert(outer.none());
    static_cast<void>(outer);
    return model_.walk(theta, units_);
  }
  double noise_energy() const override {
    const double energy = model_.noise_energy();
    return energy == 0.0 ? 0.0 : energy * units_.mean_inverse_square();
  }
  double lengthscale() const override { return model_.lengthscale(); }
  double nugget() const override { return model_.nugget(); }

 private:
  const GradientModel& model_;
  Units units_;
};

}  // namespace optex
