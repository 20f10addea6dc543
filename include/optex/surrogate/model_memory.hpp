#pragma once

#include "optex/core/types.hpp"

#include <limits>

namespace optex {

/// What a model of the Hessian has learnt besides its pairs, from one round to the next.
struct ModelMemory {
  double outside = std::numeric_limits<double>::quiet_NaN();  ///< gamma; NaN: not known yet
  double outside_least = 0.0, outside_most = std::numeric_limits<double>::infinity();
  Vector residual;  ///< d: of the gradient (QuadraticModel::residual()); empty: none
  double residual_square = 0.0;

  void forget() {
    outside = std::numeric_limits<double>::quiet_NaN();
    residual.resize(0);
  }
  template <class Memory, class Visitor>
  static void fields(Memory& memory, const Visitor& visit) {
    visit("outside", memory.outside);
    visit("outside_least", memory.outside_least);
    visit("outside_most", memory.outside_most);
    visit("residual", memory.residual);
    visit("residual_square", memory.residual_square);
  }
};

}  // namespace optex
