#pragma once

#include "optex/core/types.hpp"

#include <cstdint>

namespace optex {

/// What rules for noisy gradients keep.
struct NoisyState {
  Matrix ring;                   ///< whitened: the last centred gradients, d x k, in the order of their slots
  std::int64_t ring_pushes = 0;  ///< whitened: gradients that ever entered the ring
  Vector average;                ///< iterate averaging: the answer, d; empty without

  template <class State, class Visit>
  static void fields(State& state, const Visit& visit) {
    auto& [ring, ring_pushes, average] = state;
    visit("ring", ring);
    visit("ring_pushes", ring_pushes);
    visit("average", average);
  }
};

}  // namespace optex
