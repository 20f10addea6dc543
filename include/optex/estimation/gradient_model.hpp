#pragma once

#include "optex/core/types.hpp"
#include "optex/core/units.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <limits>
#include <memory>

namespace optex {

class Posterior;

/// A point on its way through a model's field. Moving it and finding out what the model says at its new place
/// go together: models that read a long history for both do it in one pass.
class ModelWalk {
 public:
  virtual ~ModelWalk() = default;

  /// The posterior variance where the point stands, as GradientModel::predict returns it.
  virtual double variance() = 0;
  /// mean = mu where the point stands (length d).
  virtual void predict(VectorRef mean) = 0;
  /// Moves the point along mu, block by block. With `last` nobody wants to hear soon what the model says at
  /// the new place: that is found out when it is asked for. True when the moved point has only finite
  /// entries.
  virtual bool advance(const BlockMove& move, const StepRecord& record, bool last) = 0;
  /// Moves the point along a vector of one's own (d), block by block.
  virtual void advance_along(VectorRef given, const BlockMove& move) = 0;
};

/// A prediction of the gradient everywhere, made from a history. Valid until that history changes.
class GradientModel {
 public:
  virtual ~GradientModel() = default;

  /// Writes the predicted gradient mu(theta) into `mean` (length d) and returns the posterior variance
  /// s2(theta) in units of the signal variance (0 = certain, 1 = as unknown as the prior; NaN when the model
  /// has none).
  virtual double predict(ConstVectorRef theta, VectorRef mean) const = 0;

  /// A walk that begins at theta (length d), which it moves in place. In length units of the caller's own
  /// theta is taken for z = theta / scale, and mu, which is then scale grad F, divided by scale. Model and
  /// theta must outlive the walk.
  virtual std::unique_ptr<ModelWalk> walk(VectorRef theta, const Units& units) const;

  /// The model itself when it is a posterior and mu is in the same units as theta; null otherwise.
  virtual const Posterior* posterior() const { return nullptr; }

  /// E||noise||^2 of one observed gradient as the model sees it; 0 when it takes the gradients for exact.
  virtual double noise_energy() const { return 0.0; }
  /// For reports; NaN when the model has none.
  virtual double lengthscale() const { return std::numeric_limits<double>::quiet_NaN(); }
  virtual double nugget() const { return std::numeric_limits<double>::quiet_NaN(); }
};

}  // namespace optex
