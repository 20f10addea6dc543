#include "optex/optimizers/adagrad.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"
#include "optex/optimizers/rmsprop.hpp"
#include "optex/optimizers/sgd.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

struct Case {
  std::string name;
  std::shared_ptr<const Optimizer> optimizer;
  double first, second;  // theta after five steps, by 40-digit arithmetic of the documented formulas
};

std::vector<Case> cases() {
  const auto sgd = [](double momentum, bool nesterov, double decay) {
    return std::make_shared<Sgd>(Sgd::Options{
        .learning_rate = 0.1, .momentum = momentum, .nesterov = nesterov, .weight_decay = decay});
  };
  const auto rmsprop = [](double momentum) {
    return std::make_shared<RmsProp>(
        RmsProp::Options{.learning_rate = 0.1, .momentum = momentum, .weight_decay = 0.01});
  };
  const auto adam = [](bool decoupled) {
    return std::make_shared<Adam>(
        Adam::Options{.learning_rate = 0.1, .weight_decay = 0.01, .decoupled_decay = decoupled});
  };
  return {
      {"sgd", sgd(0.0, false, 0.0), 0.8, -2.10625},
      {"sgd_decay", sgd(0.0, false, 0.01), 0.795359627729949, -2.096194655434873},
      {"momentum", sgd(0.9, false, 0.01), 0.503667852753549, -2.173819269072073},
      {"nesterov", sgd(0.9, true, 0.01), 0.34976723709346134951, -2.2529449472600801743},
      {"adagrad", std::make_shared<AdaGrad>(AdaGrad::Options{.learning_rate = 0.1, .weight_decay = 0.01}),
       0.75690568240065602239, -2.0112944929168642103},
      {"rmsprop", rmsprop(0.0), -1.3873393812064152322, -2.1192951263251129710},
      {"rmsprop_momentum", rmsprop(0.9), -5.8880989781753637443, -1.4642654774454651560},
      {"adam", adam(false), 0.59801639059410592632, -1.9613987721614598561},
      {"adamw", adam(true), 0.59706491223206315835, -1.9578324577105089762},
  };
}

const std::vector<std::vector<double>> gradients{
    {0.5, -1.25}, {0.25, 0.75}, {-0.125, 2.0}, {1.0, -0.5}, {0.375, 0.0625}};

class UpdateRules : public testing::TestWithParam<Case> {};

TEST_P(UpdateRules, FiveStepsByHand) {
  const Optimizer& optimizer = *GetParam().optimizer;
  Vector theta(2);
  theta << 1.0, -2.0;
  OptimizerState state = optimizer.initial_state(2);
  for (const auto& gradient : gradients)
    optimizer.step(theta, Eigen::Map<const Vector>(gradient.data(), 2), state);
  EXPECT_EQ(state.step, 5);
  EXPECT_NEAR(theta[0] / GetParam().first, 1.0, 3e-15);
  EXPECT_NEAR(theta[1] / GetParam().second, 1.0, 3e-15);
}

TEST_P(UpdateRules, BlockByBlockIsTheWholeStep) {
  const Optimizer& optimizer = *GetParam().optimizer;
  const Index d = 37;
  Vector whole = Vector::LinSpaced(d, -1.0, 2.0);
  Vector blocks = whole;
  OptimizerState whole_state = optimizer.initial_state(d);
  OptimizerState block_state = optimizer.initial_state(d);
  for (int t = 1; t <= 4; ++t) {
    const Vector gradient = (whole.array() * t).sin().matrix();
    optimizer.step(whole, gradient, whole_state);
    for (const auto& [first, size] : std::vector<std::pair<Index, Index>>{{0, 5}, {5, 1}, {6, 31}})
      optimizer.update(t, first, blocks.segment(first, size), gradient.segment(first, size),
                       block_state.moments);
  }
  EXPECT_EQ(whole, blocks);
  EXPECT_EQ(whole_state.moments, block_state.moments);
}

TEST_P(UpdateRules, StateIsAValue) {
  const Optimizer& optimizer = *GetParam().optimizer;
  Vector theta = Vector::LinSpaced(8, 0.5, 1.5);
  OptimizerState state = optimizer.initial_state(8);
  optimizer.step(theta, theta, state);
  Vector branch = theta;
  OptimizerState branch_state = state;
  optimizer.step(branch, branch, branch_state);
  EXPECT_EQ(state.step, 1);
  Vector again = theta;
  optimizer.step(again, theta, state);
  EXPECT_EQ(again, branch);
}

INSTANTIATE_TEST_SUITE_P(All, UpdateRules, testing::ValuesIn(cases()),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(LearningRate, SchedulesBeginAndEndWhereTheySay) {
  LearningRate rate = 0.5;
  EXPECT_EQ(rate.at(1), 0.5);
  EXPECT_EQ(rate.at(1000000), 0.5);
  rate.warmup_steps = 4;
  EXPECT_EQ(rate.at(1), 0.125);
  EXPECT_EQ(rate.at(4), 0.5);
  rate.steps = 14;
  for (const Schedule schedule : {Schedule::linear, Schedule::cosine}) {
    rate.schedule = schedule;
    EXPECT_EQ(rate.at(5), 0.5);
    EXPECT_NEAR(rate.at(10), 0.25, 1e-16);
    EXPECT_EQ(rate.at(15), 0.0);
    EXPECT_EQ(rate.at(99), 0.0);
    for (int step = 5; step < 15; ++step) EXPECT_GT(rate.at(step), rate.at(step + 1));
  }
}

TEST(Projected, EndsEveryStepInTheBoxBlockByBlockToo) {
  const auto rule = std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1.0, .momentum = 0.5});
  const Projected projected(rule, Bounds(Vector::Constant(4, -1.0), Vector::Constant(4, 2.0)));
  Vector gradient(4);
  gradient << -5.0, 0.5, 5.0, 0.0;
  Vector theta = Vector::Zero(4);
  OptimizerState state = projected.initial_state(4);
  projected.step(theta, gradient, state);
  Vector expected(4);
  expected << 2.0, -0.5, -1.0, 0.0;
  EXPECT_EQ(theta, expected);
  EXPECT_EQ(state.moments.col(0), gradient);  // the rule's own memory knows nothing of the box

  Vector halves = Vector::Zero(4);
  OptimizerState other = projected.initial_state(4);
  for (const Index first : {Index{0}, Index{2}})
    projected.update(1, first, halves.segment(first, 2), gradient.segment(first, 2), other.moments);
  EXPECT_EQ(halves, expected);
}

}  // namespace
}  // namespace optex
