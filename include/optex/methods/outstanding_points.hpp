#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// Points that earlier rounds were closed without (failure.quorum) and whose answers have not come yet,
/// ascending by round and number.
struct OutstandingPoints {
  Matrix thetas;      ///< d x k
  Vector iterations;  ///< k: SampleKey::iteration; whole numbers
  Vector points;      ///< k: SampleKey::point; whole numbers

  Index count() const { return points.size(); }

  template <class State, class Visit>
  static void fields(State& state, const Visit& visit) {
    auto& [thetas, iterations, points] = state;
    visit("outstanding/theta", thetas);
    visit("outstanding/iteration", iterations);
    visit("outstanding/point", points);
  }
};

}  // namespace optex
