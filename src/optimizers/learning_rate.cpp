#include "optex/optimizers/learning_rate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace optex {

double LearningRate::at(std::int64_t step) const {
  if (step <= warmup_steps) return base * static_cast<double>(step) / static_cast<double>(warmup_steps);
  if (schedule == Schedule::constant) return base;
  // The first step after the warm-up has the full rate, step `steps` + 1 and all later ones have none.
  const double length = static_cast<double>(std::max<std::int64_t>(steps - warmup_steps, 1));
  const double done = std::min(static_cast<double>(step - 1 - warmup_steps) / length, 1.0);
  if (schedule == Schedule::linear) return base * (1.0 - done);
  return base * 0.5 * (1.0 + std::cos(std::numbers::pi * done));
}

}  // namespace optex
