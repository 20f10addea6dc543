#pragma once

#include <cstdint>

namespace optex {

enum class Schedule {
  constant,
  linear,  ///< falls linearly to 0 over `steps`
  cosine,  ///< base (1 + cos(pi t / steps)) / 2, then 0
};

/// The learning rate as a function of the optimiser step.
struct LearningRate {
  double base = 1e-3;
  Schedule schedule = Schedule::constant;
  std::int64_t steps = 0;         ///< length of the decay, warm-up included; needed unless constant
  std::int64_t warmup_steps = 0;  ///< the first steps rise linearly from base / warmup_steps to base

  LearningRate() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a number is a constant rate
  LearningRate(double rate) : base(rate) {}

  /// Rate at `step`, counted from 1.
  double at(std::int64_t step) const;
};

}  // namespace optex
