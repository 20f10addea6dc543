#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/types.hpp"

namespace optex::app {

/// One exact gradient at a point, and how well it agrees with differences of values.
struct GradientProbe {
  double value = 0.0;
  double norm = 0.0;
  double seconds = 0.0;      ///< of the one gradient
  double difference = 0.0;   ///< (F(theta + h v) - F(theta - h v)) / 2h
  double directional = 0.0;  ///< v'grad F
  double step = 0.0;         ///< |h v| that agreed best
  double error = 0.0;        ///< |difference - directional| / the larger of both; 0 when both are 0
  Index gradients = 0;       ///< evaluated in all

  bool agrees() const { return error < 1e-4; }
};

/// v is half the gradient's direction, where the difference stands out of the round-off, and half a random
/// one, where an error across the gradient shows. Steps of 1e-4, 1e-5, 1e-6 and 1e-3 times 1 + |theta|, until
/// one agrees. Throws EvaluationError when an evaluation fails, NumericalError when it is not finite.
GradientProbe probe_gradient(const Objective& objective, ConstVectorRef theta);

}  // namespace optex::app
