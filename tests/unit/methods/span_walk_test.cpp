#include "optex/methods/span_walk.hpp"

#include "optex/kernels/matern.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/methods/replay.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "watched_walk.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::Opaque;

constexpr Index dimension = 3000;

/// A mildly bent valley.
Vector slope_at(const Vector& theta) {
  Vector g(dimension);
  for (Index i = 0; i < dimension; ++i) {
    const double stiffness = 1.0 + 9.0 * static_cast<double>(i % 17) / 16.0;
    g[i] = stiffness * theta[i] + 0.3 * std::sin(theta[i] + 0.1 * static_cast<double>(i % 5));
  }
  return g;
}

GradientHistory descent(int steps, Precision precision = Precision::f64) {
  GradientHistory history(dimension, 12, precision);
  Vector theta(dimension);
  for (Index i = 0; i < dimension; ++i) theta[i] = 1.0 + 0.5 * std::sin(0.37 * static_cast<double>(i));
  for (int k = 0; k < steps; ++k) {
    history.append(theta, slope_at(theta), 0.0, k);
    theta -= 0.01 * (1.0 + 0.2 * (k % 3)) * slope_at(theta);
  }
  return history;
}

void expect_close(const Vector& a, const Vector& b, double tolerance = 1e-9) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_LE((a - b).norm(), tolerance * b.norm());
}

std::function<const GradientModel*()> along(const GradientModel& model) {
  return [&model] { return &model; };
}

struct Rule {
  const char* name;
  Sgd::Options options;
};

class LinearRules : public testing::TestWithParam<std::tuple<Rule, PriorMean>> {
 protected:
  const Sgd optimizer{std::get<0>(GetParam()).options};
  const GradientHistory history = descent(15);
  const Posterior posterior{history,
                            gram_of(history, std::get<1>(GetParam())),
                            std::make_shared<Matern52>(),
                            std::get<1>(GetParam()),
                            {.lengthscale = 40.0, .nugget = 1e-6}};

  OptimizerState state_at(const Vector& theta) const {
    OptimizerState state = optimizer.initial_state(dimension);
    state.step = 15;
    if (state.moments.cols() > 0) state.moments.col(0) = 0.3 * slope_at(theta);
    return state;
  }
};

TEST_P(LinearRules, AChainByCoefficientsIsTheChain) {
  const Vector theta = history.theta(11) - 0.01 * history.gradient(11);
  const OptimizerState state = state_at(theta);
  const std::vector<Index> depths{0, 1, 7, 40};
  ASSERT_TRUE(SpanWalk::is_possible(optimizer));
  ASSERT_TRUE(SpanWalk::pays(40, 8));
  std::vector<std::shared_ptr<const Vector>> taken;
  const ProxyChain fast =
      walk_chain(theta, state, along(posterior), optimizer, depths, false,
                 [&](std::shared_ptr<const Vector> point) { taken.push_back(std::move(point)); });
  const Opaque opaque(posterior);
  const ProxyChain plain = walk_chain(theta, state, along(opaque), optimizer, depths, false,
                                      [](const std::shared_ptr<const Vector>&) {});
  ASSERT_EQ(fast.points.size(), 4U);
  for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(taken[k], fast.points[k]);
  for (std::size_t k = 0; k < 4; ++k) {
    expect_close(*fast.points[k], *plain.points[k]);
    expect_close(fast.predictions[k], plain.predictions[k]);
    EXPECT_NEAR(fast.variances[k], plain.variances[k], 1e-9);
  }
  EXPECT_EQ(*fast.points[0], theta);
}

TEST_P(LinearRules, AReplayByCoefficientsIsTheReplay) {
  // The newest four entries are the chain's points; two tolerances: one that goes all the way, one that
  // stops.
  const std::vector<Index> depths{0, 4, 20, 24};
  std::vector<Evaluation> truth;
  for (Index k = 8; k < 12; ++k) {
    Evaluation evaluation;
    evaluation.value = 0.0;
    evaluation.gradient = history.gradient(k);
    truth.push_back(std::move(evaluation));
  }
  const std::vector<bool> usable(4, true);
  const Opaque opaque(posterior);
  for (const double tolerance : {1e3, 1e-3}) {
    Vector fast_end = history.theta(8), plain_end = fast_end;
    OptimizerState fast_state = state_at(fast_end), plain_state = fast_state;
    const ReplayInput input{depths, truth, usable, 1.0, tolerance, 4};
    const ReplayResult fast = replay(fast_end, fast_state, &posterior, optimizer, input);
    const ReplayResult plain = replay(plain_end, plain_state, &opaque, optimizer, input);
    EXPECT_EQ(fast.accepted, plain.accepted);
    EXPECT_EQ(fast.complete, plain.complete);
    EXPECT_NEAR(fast.worst_error, plain.worst_error, 1e-7 * (1.0 + plain.worst_error));
    expect_close(fast_end, plain_end);
    EXPECT_EQ(fast_state.step, plain_state.step);
    if (fast_state.moments.cols() > 0) expect_close(fast_state.moments.col(0), plain_state.moments.col(0));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, LinearRules,
    testing::Combine(testing::Values(Rule{"sgd", {.learning_rate = 0.01}},
                                     Rule{"momentum", {.learning_rate = 0.003, .momentum = 0.9}},
                                     Rule{"nesterov",
                                          {.learning_rate = 0.003, .momentum = 0.9, .nesterov = true}}),
                     testing::Values(PriorMean::constant, PriorMean::zero)),
    [](const auto& which) {
      return std::string(std::get<0>(which.param).name) +
             (std::get<1>(which.param) == PriorMean::zero ? "_zero" : "_constant");
    });

TEST(SpanWalk, OnlyWhereNothingElseHappensToTheta) {
  EXPECT_TRUE(SpanWalk::is_possible(Sgd({})));
  EXPECT_FALSE(SpanWalk::is_possible(Sgd({.weight_decay = 1e-3})));
  EXPECT_FALSE(SpanWalk::is_possible(Adam({})));
  const Bounds box(Vector::Zero(dimension), Vector::Ones(dimension));
  EXPECT_FALSE(SpanWalk::is_possible(Projected(std::make_shared<Sgd>(Sgd::Options{}), box)));
  EXPECT_FALSE(SpanWalk::pays(3, 8));
}

}  // namespace
}  // namespace optex
