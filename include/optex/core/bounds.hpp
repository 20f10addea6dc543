#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
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

  /// The nearest point of the box, in place, of the coordinates [first, first + theta.size()). A NaN stays
  /// one.
  void project(VectorRef theta, Index first = 0) const;

  /// The box of a point that consists of these coordinates alone.
  Bounds restricted_to(const std::vector<std::int64_t>& coordinates) const;

  /// Zeroes the entries of a direction from theta that would leave the box at once.
  void hold(ConstVectorRef theta, VectorRef direction) const;

  /// |P(theta - gradient) - theta|, P the projection: 0 exactly where no feasible direction is downhill; the
  /// norm of the gradient when there are no limits.
  double gradient_norm(ConstVectorRef theta, ConstVectorRef gradient) const;

 private:
  struct Box {
    Vector lower, upper;  // d
  };
  std::shared_ptr<const Box> box_;
};

}  // namespace optex
