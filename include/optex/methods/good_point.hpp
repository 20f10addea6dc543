#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <limits>

namespace optex {

/// Where a run goes back to that forgives iterates which cannot be evaluated.
struct GoodPoint {
  Vector theta;  ///< the last iterate that could be evaluated, d; empty before and without
  double value = std::numeric_limits<double>::infinity();  ///< F there
  std::int64_t dropped = 0;                                ///< iterates since then

  template <class State, class Visit>
  static void fields(State& state, const Visit& visit) {
    auto& [theta, value, dropped] = state;
    visit("good_theta", theta);
    visit("good_value", value);
    visit("dropped_iterates", dropped);
  }
};

}  // namespace optex
