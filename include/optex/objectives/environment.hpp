#pragma once

#include "optex/core/types.hpp"

#include <array>
#include <memory>

namespace optex {

enum class EnvironmentKind { cartpole, mountain_car, acrobot };

/// A control task with a finite number of actions: CartPole-v1, MountainCar-v0 and Acrobot-v1 as Gymnasium
/// publishes their equations (https://gymnasium.farama.org), in double precision; observations of the latter
/// two are scaled to [-1, 1]. Deterministic and without memory: the state is the caller's.
class Environment {
 public:
  using State = std::array<double, 4>;  ///< what a task does not need is 0

  struct Step {
    double reward = 0.0;
    bool terminal = false;  ///< nothing comes after it; running out of time is not meant
  };

  virtual ~Environment() = default;
  virtual Index observations() const = 0;  ///< numbers that the agent sees
  virtual Index actions() const = 0;
  virtual Index time_limit() const = 0;  ///< steps, after which an episode is cut off
  /// The start that four uniform numbers in (0, 1) stand for.
  virtual State start(const State& uniform) const = 0;
  /// Writes `observations()` numbers.
  virtual void observe(const State& state, double* out) const = 0;
  /// One time step, 0 <= action < actions().
  virtual Step step(State& state, Index action) const = 0;
};

std::unique_ptr<const Environment> make_environment(EnvironmentKind kind);

}  // namespace optex
