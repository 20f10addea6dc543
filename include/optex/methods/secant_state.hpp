#pragma once

#include "optex/core/types.hpp"
#include "optex/methods/learnt_diagonal.hpp"
#include "optex/methods/line_search.hpp"
#include "optex/methods/secant_pairs.hpp"

#include <cstdint>
#include <limits>

namespace optex {

/// What methods keep that remember differences: lbfgs and anderson.
struct SecantState {
  SecantPairs pairs;        ///< the last differences
  LearntDiagonal diagonal;  ///< lbfgs
  Vector base_theta;        ///< anderson: the last iterate that was kept, d; empty before the first round
  Vector base_gradient;     ///< true gradient there (lbfgs: at theta), d; empty before
  double base_value = std::numeric_limits<double>::infinity();  ///< F there
  Vector direction;                                             ///< lbfgs: of the line search, d
  LineSearch line_search;                                       ///< lbfgs
  std::int64_t extrapolated = 0;  ///< anderson: 1 when theta came from a combination, 0 from a plain step

  template <class State, class Visit>
  static void fields(State& state, const Visit& visit) {
    auto& [pairs, diagonal, base_theta, base_gradient, base_value, direction, line_search, extrapolated] =
        state;
    static_cast<void>(diagonal);  // by whoever visits the rest: older states have none
    visit_secants(pairs, "secants/", visit);
    visit("base_theta", base_theta);
    visit("base_gradient", base_gradient);
    visit("base_value", base_value);
    visit("direction", direction);
    visit_line_search(line_search, "line_search/", visit);
    visit("extrapolated", extrapolated);
  }
};

}  // namespace optex
