#include "optex/objectives/dqn.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <numbers>

#include "support/gradient_check.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::evaluate;
using testing::HasSubstr;

DqnOptions small(EnvironmentKind environment = EnvironmentKind::cartpole) {
  DqnOptions options;
  options.environment = environment;
  options.hidden = {5, 4};
  options.activation = Activation::tanh;
  options.buffer = 60;
  options.batch = 17;
  options.steps_per_round = 7;
  options.target_every = 3;
  options.exploration_steps = 20;
  options.seed = 9;
  return options;
}

SampleKey key_of(std::int64_t iteration) {
  SampleKey key;
  key.iteration = iteration;
  return key;
}

/// After so many rounds at points of a made-up path.
Vector state_after(const Dqn& objective, int rounds) {
  Vector state = objective.initial_state();
  for (int t = 0; t < rounds; ++t) objective.advance(std::cos(0.3 * t) * objective.initial_point(), state);
  return state;
}

TEST(Dqn, GradientIsTheDerivative) {
  for (const auto environment :
       {EnvironmentKind::cartpole, EnvironmentKind::mountain_car, EnvironmentKind::acrobot})
    for (const Index shards : {1, 3}) {
      DqnOptions options = small(environment);
      options.shards = shards;
      const Dqn objective(options);
      objective.renew(state_after(objective, 4));
      EXPECT_LT(test::gradient_error(objective, 0.8 * objective.initial_point(), key_of(2)), 1e-6);
      EXPECT_LT(test::gradient_error(objective, 0.8 * objective.initial_point(), SampleKey::exact()), 1e-6);
    }
}

TEST(Dqn, ShardsAddUpToTheWhole) {
  const Dqn whole(small());
  const Vector theta = 0.8 * whole.initial_point();
  DqnOptions options = small();
  options.shards = 4;
  const Dqn parts(options);
  for (const SampleKey& key : {key_of(3), SampleKey::exact()}) {
    EXPECT_NEAR(evaluate(whole, theta, key).value, evaluate(parts, theta, key).value, 1e-14);
    EXPECT_LT(norm(evaluate(whole, theta, key).gradient - evaluate(parts, theta, key).gradient), 1e-14);
  }
}

// What a run carries is all there is: another object in the same state goes on with the same bits, whatever
// it did before.
TEST(Dqn, TheStateIsEverything) {
  const Dqn first(small());
  const Vector theta = 0.8 * first.initial_point();
  const Vector state = state_after(first, 5);
  const Dqn second(small());
  second.renew(state_after(second, 2));
  evaluate(second, theta, key_of(1));
  first.renew(state);
  second.renew(state);
  EXPECT_EQ(evaluate(first, theta, key_of(7)).gradient, evaluate(second, theta, key_of(7)).gradient);
  EXPECT_EQ(first.assess(theta)[0].value, second.assess(theta)[0].value);
  Vector a = state, b = state;
  first.advance(theta, a);
  second.advance(theta, b);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, state);
}

TEST(Dqn, TheStateBeginsWithTheObjective) {
  const Dqn objective(small());
  const Vector theta = objective.initial_point();
  const double before = evaluate(objective, theta, key_of(1)).value;
  objective.renew(objective.initial_state());
  EXPECT_EQ(evaluate(objective, theta, key_of(1)).value, before);
  EXPECT_THROW(objective.renew(Vector::Zero(3)), EvaluationError);
}

// F depends on the target network, and that on the theta of every third round only.
TEST(Dqn, TheTargetIsRenewedOnSchedule) {
  const Dqn objective(small());
  const Vector theta = objective.initial_point(), other = -theta;
  const auto target = [&](const Vector& state) { return Vector(state.segment(8, theta.size())); };
  Vector state = objective.initial_state();
  EXPECT_EQ(target(state), theta);
  objective.advance(other, state);
  objective.advance(other, state);
  EXPECT_EQ(target(state), theta);
  objective.advance(0.5 * theta, state);
  EXPECT_EQ(target(state), 0.5 * theta);
}

TEST(Dqn, EachRoundMakesItsSteps) {
  const Dqn objective(small());
  Vector state = objective.initial_state();
  const double before = state[2];
  EXPECT_EQ(before, 60.0);  // the buffer starts full
  objective.advance(objective.initial_point(), state);
  EXPECT_EQ(state[2], before + 7.0);
  EXPECT_EQ(state[0], 7.0);  // the oldest transitions are overwritten
}

TEST(Dqn, QualityIsTheMeanReturn) {
  const Dqn objective(small());
  const std::vector<Measure> measures = objective.assess(Vector::Zero(objective.dimension()));
  ASSERT_EQ(measures.size(), 2u);
  EXPECT_EQ(measures[0].name, "mean_return");
  // Always pushing to the left lets the pole fall within ten steps or so.
  EXPECT_GT(measures[0].value, 7.0);
  EXPECT_LT(measures[0].value, 11.0);
  EXPECT_EQ(measures[1].name, "exploration");
  EXPECT_EQ(measures[1].value, 1.0);
  objective.renew(state_after(objective, 3));
  EXPECT_LT(objective.assess(objective.initial_point())[1].value, 0.06);
  // Doing nothing never gets the car out of the valley.
  const Dqn car(small(EnvironmentKind::mountain_car));
  EXPECT_EQ(car.assess(Vector::Zero(car.dimension()))[0].value, -200.0);
}

TEST(Dqn, WrongOptionsNameTheirKeys) {
  const auto refused = [](auto change) {
    DqnOptions options = small();
    change(options);
    try {
      const Dqn objective(options);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refused([](auto& o) { o.batch = 0; }), HasSubstr("data.batch"));
  EXPECT_THAT(refused([](auto& o) { o.batch = 61; }), HasSubstr("problem.buffer = 60"));
  EXPECT_THAT(refused([](auto& o) { o.shards = 61; }), HasSubstr("problem.buffer = 60"));
  EXPECT_THAT(refused([](auto& o) { o.discount = 1.5; }), HasSubstr("problem.discount"));
  EXPECT_THAT(refused([](auto& o) { o.hidden = {0}; }), HasSubstr("problem.hidden"));
  EXPECT_THAT(refused([](auto& o) { o.returns = 0; }), HasSubstr("problem.returns"));
  EXPECT_THAT(refused([](auto& o) { o.reward_scale = 0.0; }), HasSubstr("problem.reward_scale"));
  EXPECT_THAT(refused([](auto& o) { o.longest_repeat = 0; }), HasSubstr("problem.longest_repeat"));
  EXPECT_THAT(refused([](auto& o) { o.steps_per_round = 0; }), HasSubstr("problem.steps_per_round"));
}

DqnOptions with_all(EnvironmentKind environment) {
  DqnOptions options = small(environment);
  options.double_q = true;
  options.returns = 3;
  options.reward_scale = 0.1;
  options.longest_repeat = 8;
  return options;
}

TEST(Dqn, GradientIsTheDerivativeOfDoubleQWithReturns) {
  for (const auto environment : {EnvironmentKind::cartpole, EnvironmentKind::mountain_car}) {
    const Dqn objective(with_all(environment));
    objective.renew(state_after(objective, 4));
    EXPECT_LT(test::gradient_error(objective, 0.8 * objective.initial_point(), key_of(2)), 1e-6);
  }
}

TEST(Dqn, TheStateIsEverythingWithRepeatedActions) {
  const Dqn first(with_all(EnvironmentKind::acrobot));
  const Vector state = state_after(first, 5);
  const Dqn second(with_all(EnvironmentKind::acrobot));
  Vector a = state, b = state;
  first.advance(first.initial_point(), a);
  second.advance(second.initial_point(), b);
  EXPECT_EQ(a, b);
}

// With targets of 0 (a network of zeros) F is the mean loss of the summed rewards alone: of three ones,
// discounted, but where the pole falls sooner.
TEST(Dqn, ReturnsAreSummedWithinAnEpisode) {
  DqnOptions options = small();
  options.returns = 3;
  options.reward_scale = 0.1;  // within the quadratic part of the loss
  const Dqn objective(options);
  Vector state = objective.initial_state();
  state.segment(8, objective.dimension()).setZero();
  objective.renew(state);
  const double d = options.discount;
  const double one = 0.005, two = 0.005 * (1.0 + d) * (1.0 + d),
               three = 0.005 * (1.0 + d + d * d) * (1.0 + d + d * d);
  const Index length = 2 * 4 + 3;
  double expected = 0.0;
  for (Index row = 0; row < options.buffer; ++row) {
    const auto falls = [&](Index k) { return state[8 + objective.dimension() + k * length + 6] == 0.0; };
    const bool newest = row == options.buffer - 1, next_newest = row == options.buffer - 2;
    expected += falls(row) || newest ? one : falls(row + 1) || next_newest ? two : three;
  }
  EXPECT_NEAR(evaluate(objective, Vector::Zero(objective.dimension()), SampleKey::exact()).value,
              expected / static_cast<double>(options.buffer), 1e-12);
}

// At random, single steps never get the car out of the valley; actions that last for some steps do.
TEST(Dqn, RepeatedActionsLeaveTheValley) {
  const auto arrivals = [](Index longest) {
    DqnOptions options = small(EnvironmentKind::mountain_car);
    options.buffer = 40000;
    options.longest_repeat = longest;
    const Dqn objective(options);
    const Vector state = objective.initial_state();
    int count = 0;
    for (Index row = 0; row < options.buffer; ++row)
      count += state[8 + objective.dimension() + row * 7 + 4] == 0.0 ? 1 : 0;
    return count;
  };
  EXPECT_EQ(arrivals(1), 0);
  EXPECT_GT(arrivals(200), 0);
}

// ---- the physics, against what Python makes of the published equations

TEST(Environment, CartPole) {
  const auto cartpole = make_environment(EnvironmentKind::cartpole);
  EXPECT_EQ(cartpole->time_limit(), 500);
  Environment::State state = {0.01, -0.02, 0.03, 0.04};
  const Environment::Step step = cartpole->step(state, 1);
  EXPECT_EQ(step.reward, 1.0);
  EXPECT_FALSE(step.terminal);
  EXPECT_NEAR(state[0], 0.009600000000000001, 1e-15);
  EXPECT_NEAR(state[1], 0.17467919574755525, 1e-15);
  EXPECT_NEAR(state[2], 0.030799999999999998, 1e-15);
  EXPECT_NEAR(state[3], -0.2430687179600081, 1e-15);
  state = {2.39, 1.0, 0.0, 0.0};
  EXPECT_TRUE(cartpole->step(state, 1).terminal);  // beyond the rails
  state = {0.0, 0.0, 0.2094, 0.1};
  EXPECT_TRUE(cartpole->step(state, 1).terminal);  // more than 12 degrees
}

TEST(Environment, MountainCar) {
  const auto car = make_environment(EnvironmentKind::mountain_car);
  EXPECT_EQ(car->time_limit(), 200);
  Environment::State state = {-0.5, 0.01, 0, 0};
  EXPECT_EQ(car->step(state, 2).reward, -1.0);
  EXPECT_NEAR(state[1], 0.01 + 0.001 - 0.0025 * std::cos(-1.5), 1e-16);
  EXPECT_NEAR(state[0], -0.5 + state[1], 1e-16);
  state = {-1.19, -0.05, 0, 0};
  car->step(state, 0);
  EXPECT_EQ(state[0], -1.2);  // the wall on the left takes all speed
  EXPECT_EQ(state[1], 0.0);
  state = {0.49, 0.05, 0, 0};
  EXPECT_TRUE(car->step(state, 2).terminal);
  // What the agent sees fills [-1, 1].
  double seen[2];
  car->observe({-1.2, -0.07, 0, 0}, seen);
  EXPECT_DOUBLE_EQ(seen[0], -1.0);
  EXPECT_DOUBLE_EQ(seen[1], -1.0);
  car->observe({0.6, 0.07, 0, 0}, seen);
  EXPECT_DOUBLE_EQ(seen[0], 1.0);
  EXPECT_DOUBLE_EQ(seen[1], 1.0);
}

TEST(Environment, Acrobot) {
  const auto acrobot = make_environment(EnvironmentKind::acrobot);
  EXPECT_EQ(acrobot->time_limit(), 500);
  Environment::State state = {0.1, -0.2, 0.3, -0.4};
  const Environment::Step step = acrobot->step(state, 2);
  EXPECT_EQ(step.reward, -1.0);
  EXPECT_NEAR(state[0], 0.1282116312891261, 1e-14);
  EXPECT_NEAR(state[1], -0.211840321026976, 1e-14);
  EXPECT_NEAR(state[2], -0.023484731535001357, 1e-14);
  EXPECT_NEAR(state[3], 0.28679521459777013, 1e-14);
  double seen[6];
  acrobot->observe(state, seen);
  EXPECT_EQ(seen[3], std::sin(state[1]));
  EXPECT_EQ(seen[4], state[2] / (4.0 * std::numbers::pi));
  EXPECT_EQ(seen[5], state[3] / (9.0 * std::numbers::pi));
  // Both links upright: high enough, and without a penalty.
  state = {std::numbers::pi, 0.0, 0.0, 0.0};
  const Environment::Step top = acrobot->step(state, 1);
  EXPECT_TRUE(top.terminal);
  EXPECT_EQ(top.reward, 0.0);
}

}  // namespace
}  // namespace optex
