#pragma once

#include "optex/core/types.hpp"

#include <limits>

namespace optex {

/// The evaluated point with the smallest F so far.
struct BestPoint {
  double value = std::numeric_limits<double>::infinity();
  /// d: the start as long as the value is infinite. Empty in runs that keep none (KeepingBest): those with
  /// noisy gradients.
  Vector theta;
  Vector gradient;    ///< surrogate, lbfgs: its true gradient, d; else empty
  double unit = 1.0;  ///< surrogate, lbfgs: of F in what they keep for themselves (value_unit.hpp)

  /// F at an evaluated point, which becomes the best one when it is lower than all before; returns whether it
  /// is. The point and its gradient are kept where such are kept.
  bool note(double found, ConstVectorRef where, ConstVectorRef its_gradient) {
    if (!(found < value)) return false;
    value = found;
    if (theta.size() > 0) theta = where;
    if (gradient.size() > 0) gradient = its_gradient;
    return true;
  }
  /// Keeps point and gradient from now on, for methods that work with them. Nothing happens when they are
  /// kept already.
  void keep_pair(ConstVectorRef start) {
    if (theta.size() == 0) theta = start;
    if (gradient.size() == 0) gradient = Vector::Zero(start.size());
  }
};

}  // namespace optex
