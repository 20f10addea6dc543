#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace optex {

/// A box lower <= theta <= upper, coordinate by coordinate; without limits unless told otherwise. Infinite
/// entries are no limit, equal ones fix a coordinate. A value: copies share the two vectors.
class Bounds {
 public:
  Bounds() = default;
  /// Both of length d, no NaN, lower <= upper everywhere; throws UsageError otherwise.
  Bounds(Vector lower, Vector upper);

  /// True when there are no limits: every other member then does nothing.
  bool none() const { return box_ == nullptr; }
  bool contains(ConstVectorRef theta) const;
  /// True when every coordinate has two limits.
  bool all_finite() const;

  /// The nearest point of the box, in place, of the coordinates [first, first + theta.size()). A NaN stays
  /// one.
  void project(VectorRef theta, Index first = 0) const;

  /// Zeroes the entries of a direction from theta that would leave the box at once.
  void hold(ConstVectorRef theta, VectorRef direction) const;

  /// Of one coordinate; infinite where there is no limit.
  double lower(Index i) const { return none() ? -unlimited : box_->lower[i]; }
  double upper(Index i) const { return none() ? unlimited : box_->upper[i]; }

  /// Cuts the entries of a step that lead over a limit: (limit - theta), all others keep their bits.
  void shorten(ConstVectorRef theta, VectorRef step) const;

  /// The largest multiple of a direction that stays in the box; infinite when it never leaves.
  double longest(ConstVectorRef theta, ConstVectorRef direction) const;

  /// theta + multiple * direction, within the box. A coordinate that meets its limit on the way is exactly
  /// there, whatever rounding says.
  Vector moved(ConstVectorRef theta, ConstVectorRef direction, double multiple) const;

  /// |P(theta - gradient) - theta|, P the projection: 0 exactly where no feasible direction is downhill; the
  /// norm of the gradient when there are no limits.
  double gradient_norm(ConstVectorRef theta, ConstVectorRef gradient) const;

 private:
  static constexpr double unlimited = std::numeric_limits<double>::infinity();
  struct Box {
    Vector lower, upper;  // d
  };
  std::shared_ptr<const Box> box_;
};

}  // namespace optex
