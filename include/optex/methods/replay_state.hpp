#pragma once

#include "optex/core/types.hpp"

namespace optex {

/// What replay keeps from round to round besides the history.
struct ReplayState {
  Index reach = 0;      ///< depth of the deepest evaluated point, 0 before the first round
  Vector guard_values;  ///< F at the start of the last rounds, oldest first, at most `window` of them

  /// Enters F at the start of this round and returns the ceiling: the largest of the last `window` such
  /// values, this one included (non-monotone guard: Grippo, Lampariello, Lucidi 1986).
  double raise_guard(double value, Index window) {
    if (guard_values.size() >= window) guard_values = Vector(guard_values.tail(window - 1));
    guard_values.conservativeResize(guard_values.size() + 1);
    guard_values[guard_values.size() - 1] = value;
    return guard_values.maxCoeff();
  }

  template <class State, class Visit>
  static void fields(State& state, const Visit& visit) {
    auto& [reach, guard_values] = state;
    visit("reach", reach);
    visit("guard_values", guard_values);
  }
};

}  // namespace optex
