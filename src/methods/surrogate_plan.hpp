#pragma once

#include "optex/methods/surrogate.hpp"

#include <cstdint>
#include <vector>

namespace optex {

/// So often in a row the model was right where it is believed.
inline constexpr std::int64_t confident_rounds = 2;

/// Between planning and the truth.
struct Surrogate::Plan {
  std::vector<Vector> points;  // the model's, the chain's, the guard's; then what came late
  Index guards = -1;           // place of the guard's point; -1: none
  Index chains = -1;           // place of the first of the chain's points; -1: none
  ChainPoints chain;
  RoundPlan model;

  bool is_on_chain(std::size_t point) const {
    const auto number = static_cast<Index>(point);
    return chains >= 0 && number >= chains && number < chains + std::ssize(chain.points);
  }
};

}  // namespace optex
