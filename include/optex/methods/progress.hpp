#pragma once

#include "optex/methods/value_agreement.hpp"

#include <cstdint>
#include <limits>

namespace optex {

/// What the stop rules remember of the rounds before.
struct Progress {
  std::int64_t idle_rounds = 0;  ///< in a row that brought no progress, for `stop.patience`
  /// What the last round reported, for `stop.gradient_norm`; NaN before the first one.
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();
  double first_gradient_norm = std::numeric_limits<double>::quiet_NaN();  ///< the first one that was finite
  double first_value = std::numeric_limits<double>::quiet_NaN();          ///< F at the start, for its unit
  /// The best value when idle_rounds was last 0; infinite before the first round.
  double value = std::numeric_limits<double>::infinity();
  /// For `stop.precision`: the smallest F of a round, and how many rounds after it had the same one.
  double still_value = std::numeric_limits<double>::infinity();
  std::int64_t still_rounds = 0;
  ValueAgreement values;  ///< of gradients that are exact; of rules that keep their best point's
};

}  // namespace optex
