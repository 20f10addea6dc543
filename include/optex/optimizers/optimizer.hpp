#pragma once

#include "optex/core/types.hpp"
#include "optex/optimizers/learning_rate.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace optex {

/// What an update rule remembers between steps. A plain value: the proxy chain copies it, the checkpoint
/// stores it.
struct OptimizerState {
  std::int64_t step = 0;  ///< steps taken so far
  Matrix moments;         ///< d x m, one column per remembered quantity; m = 0 for plain SGD
};

/// The rules whose step is linear in the gradients: m = momentum m + g; theta -= rate (nesterov ? g +
/// momentum m : m).
struct LinearRule {
  LearningRate learning_rate;
  double momentum = 0.0;  ///< 0: no moment is kept
  bool nesterov = false;
};

/// A first-order update rule (FO-OPT): theta, state, gradient -> theta, state. The rule itself is immutable.
///
/// Every rule here works coordinate by coordinate, so a range of coordinates can be updated on its own: the
/// chain uses this to run block by block, in cache.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Number m of remembered quantities per coordinate.
  virtual Index moment_count() const = 0;

  /// Updates coordinates [first, first + theta.size()) in place. `step` counts from 1. `gradient` is of the
  /// same length as `theta`; `moments` is the full d x m matrix.
  virtual void update(std::int64_t step, Index first, VectorRef theta, ConstVectorRef gradient,
                      Matrix& moments) const = 0;

  /// Set when the rule is this one and nothing else happens to theta (no decay, no bounds).
  virtual std::optional<LinearRule> linear_rule() const { return std::nullopt; }

  /// State before the first step for a problem of dimension d: all moments zero.
  OptimizerState initial_state(Index dimension) const { return {0, Matrix::Zero(dimension, moment_count())}; }

  /// One whole step. theta and gradient have length d.
  void step(VectorRef theta, ConstVectorRef gradient, OptimizerState& state) const {
    update(++state.step, 0, theta, gradient, state.moments);
  }
};

}  // namespace optex
