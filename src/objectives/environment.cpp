#include "optex/objectives/environment.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace optex {
namespace {

using std::numbers::pi;

/// State and observation: position, velocity, angle, angular velocity. Barto, Sutton, Anderson, IEEE SMC 13,
/// 1983; forward Euler.
class CartPole final : public Environment {
 public:
  Index observations() const override { return 4; }
  Index actions() const override { return 2; }
  Index time_limit() const override { return 500; }

  State start(const State& uniform) const override {
    State state{};
    for (std::size_t i = 0; i < 4; ++i) state[i] = 0.1 * uniform[i] - 0.05;
    return state;
  }

  void observe(const State& state, double* out) const override { std::copy(state.begin(), state.end(), out); }

  Step step(State& state, Index action) const override {
    constexpr double gravity = 9.8, cart_mass = 1.0, pole_mass = 0.1, half_length = 0.5, push = 10.0;
    constexpr double mass = cart_mass + pole_mass, mass_length = pole_mass * half_length, tau = 0.02;
    auto& [x, velocity, angle, spin] = state;
    const double force = action == 1 ? push : -push;
    const double cosine = std::cos(angle), sine = std::sin(angle);
    const double drive = (force + mass_length * spin * spin * sine) / mass;
    const double turn =
        (gravity * sine - cosine * drive) / (half_length * (4.0 / 3.0 - pole_mass * cosine * cosine / mass));
    const double acceleration = drive - mass_length * turn * cosine / mass;
    x += tau * velocity;
    velocity += tau * acceleration;
    angle += tau * spin;
    spin += tau * turn;
    constexpr double widest = 12.0 * 2.0 * pi / 360.0;
    return {1.0, std::abs(x) > 2.4 || std::abs(angle) > widest};
  }
};

/// State: position, velocity; observation: both scaled to [-1, 1], or a network would not see the velocity,
/// which is below 0.07. Moore, PhD thesis, Cambridge, 1990.
class MountainCar final : public Environment {
 public:
  Index observations() const override { return 2; }
  Index actions() const override { return 3; }
  Index time_limit() const override { return 200; }

  State start(const State& uniform) const override { return {0.2 * uniform[0] - 0.6, 0.0, 0.0, 0.0}; }

  void observe(const State& state, double* out) const override {
    out[0] = (state[0] + 0.3) / 0.9;
    out[1] = state[1] / fastest;
  }

  Step step(State& state, Index action) const override {
    double& position = state[0];
    double& velocity = state[1];
    velocity += static_cast<double>(action - 1) * 0.001 - 0.0025 * std::cos(3.0 * position);
    velocity = std::clamp(velocity, -fastest, fastest);
    position = std::clamp(position + velocity, -1.2, 0.6);
    if (position == -1.2 && velocity < 0.0) velocity = 0.0;
    return {-1.0, position >= 0.5 && velocity >= 0.0};
  }

 private:
  static constexpr double fastest = 0.07;
};

/// State: the two angles and their velocities; observation: cosine and sine of each angle, the velocities
/// over their largest. Sutton, NIPS 1996, in the form of Sutton and Barto's book; one Runge-Kutta step of 0.2
/// s.
class Acrobot final : public Environment {
 public:
  Index observations() const override { return 6; }
  Index actions() const override { return 3; }
  Index time_limit() const override { return 500; }

  State start(const State& uniform) const override {
    State state{};
    for (std::size_t i = 0; i < 4; ++i) state[i] = 0.2 * uniform[i] - 0.1;
    return state;
  }

  void observe(const State& state, double* out) const override {
    out[0] = std::cos(state[0]);
    out[1] = std::sin(state[0]);
    out[2] = std::cos(state[1]);
    out[3] = std::sin(state[1]);
    out[4] = state[2] / fastest_first;
    out[5] = state[3] / fastest_second;
  }

  Step step(State& state, Index action) const override {
    const double torque = static_cast<double>(action - 1);
    constexpr double dt = 0.2;
    const State k1 = slope(state, torque);
    const State k2 = slope(ahead(state, k1, dt / 2.0), torque);
    const State k3 = slope(ahead(state, k2, dt / 2.0), torque);
    const State k4 = slope(ahead(state, k3, dt), torque);
    for (std::size_t i = 0; i < 4; ++i) state[i] += dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
    for (std::size_t i : {0, 1}) {
      while (state[i] > pi) state[i] -= 2.0 * pi;
      while (state[i] < -pi) state[i] += 2.0 * pi;
    }
    state[2] = std::clamp(state[2], -fastest_first, fastest_first);
    state[3] = std::clamp(state[3], -fastest_second, fastest_second);
    const bool up = -std::cos(state[0]) - std::cos(state[1] + state[0]) > 1.0;
    return {up ? 0.0 : -1.0, up};
  }

 private:
  static constexpr double fastest_first = 4.0 * pi, fastest_second = 9.0 * pi;

  static State ahead(const State& state, const State& slope, double dt) {
    State moved = state;
    for (std::size_t i = 0; i < 4; ++i) moved[i] += dt * slope[i];
    return moved;
  }

  /// Both links: mass 1, length 1, centre of mass in the middle, moment of inertia 1.
  static State slope(const State& state, double torque) {
    constexpr double gravity = 9.8, centre = 0.5, inertia = 1.0;
    const auto& [first, second, first_spin, second_spin] = state;
    const double cosine = std::cos(second), sine = std::sin(second);
    const double d1 = centre * centre + (1.0 + centre * centre + 2.0 * centre * cosine) + 2.0 * inertia;
    const double d2 = centre * centre + centre * cosine + inertia;
    const double phi2 = centre * gravity * std::cos(first + second - pi / 2.0);
    const double phi1 = -centre * second_spin * second_spin * sine -
                        2.0 * centre * second_spin * first_spin * sine +
                        (centre + 1.0) * gravity * std::cos(first - pi / 2.0) + phi2;
    const double second_turn = (torque + d2 / d1 * phi1 - centre * first_spin * first_spin * sine - phi2) /
                               (centre * centre + inertia - d2 * d2 / d1);
    const double first_turn = -(d2 * second_turn + phi1) / d1;
    return {first_spin, second_spin, first_turn, second_turn};
  }
};

}  // namespace

std::unique_ptr<const Environment> make_environment(EnvironmentKind kind) {
  switch (kind) {
    case EnvironmentKind::mountain_car:
      return std::make_unique<MountainCar>();
    case EnvironmentKind::acrobot:
      return std::make_unique<Acrobot>();
    case EnvironmentKind::cartpole:
      break;
  }
  return std::make_unique<CartPole>();
}

}  // namespace optex
