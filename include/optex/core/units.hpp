#pragma once

#include "optex/core/types.hpp"

#include <memory>

namespace optex {

/// A length unit for every coordinate: distances are measured in z = theta / scale, where the gradient of F
/// is scale grad F (entry by entry). All ones unless told otherwise. A value: copies share the vector.
class Units {
 public:
  Units() = default;
  /// Length d, positive and finite; throws UsageError otherwise.
  explicit Units(Vector scale);

  /// True when all units are 1: every other member then gives back what it was given.
  bool none() const { return scale_ == nullptr; }
  /// The units, length d; null when all are 1.
  const double* scale() const { return none() ? nullptr : scale_->data(); }

  /// theta / scale
  Vector position(ConstVectorRef theta) const;
  /// scale g: the gradient with respect to z
  Vector gradient(ConstVectorRef gradient) const;
  /// scale p: a step in z as a step in theta
  Vector step_in_theta(ConstVectorRef step) const;
  /// Turns a gradient with respect to z, in place, into one with respect to theta.
  void gradient_to_theta(VectorRef gradient) const;
  /// |a / scale - b / scale|^2, on all threads
  double squared_distance(ConstVectorRef a, ConstVectorRef b) const;
  /// The mean over the coordinates of 1 / scale^2: |grad F|^2 over |scale grad F|^2 where all entries of the
  /// latter are alike.
  double mean_inverse_square() const;

 private:
  std::shared_ptr<const Vector> scale_;
};

}  // namespace optex
