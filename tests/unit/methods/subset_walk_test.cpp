#include "optex/methods/subset_walk.hpp"

#include "optex/estimation/coordinate_subset.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/methods/replay.hpp"
#include "optex/optimizers/adagrad.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"
#include "optex/optimizers/rmsprop.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <memory>

#include "watched_walk.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::Opaque;
using test::Recorder;

constexpr Index dimension = 3000;  // three tiles, the last one not full
constexpr Index entries = 11;

Vector slope_at(const Vector& theta) {
  Vector g(theta.size());
  for (Index i = 0; i < g.size(); ++i)
    g[i] = (1.0 + static_cast<double>(i % 7)) * theta[i] + 0.3 * std::sin(theta[i]);
  return g;
}

GradientHistory descent(Precision precision, Index coordinates = 90) {
  GradientHistory history(dimension, entries,
                          choose_coordinates(dimension, coordinates, SubsetChoice::random, 5), precision);
  Vector theta(dimension);
  for (Index i = 0; i < dimension; ++i) theta[i] = 1.0 + 0.5 * std::sin(0.37 * static_cast<double>(i));
  for (int k = 0; k < 14; ++k) {  // the oldest leave
    history.append(theta, slope_at(theta), 0.0, k);
    theta -= 0.01 * (1.0 + 0.2 * (k % 3)) * slope_at(theta);
  }
  return history;
}

Posterior model_of(const GradientHistory& history, PriorMean prior_mean) {
  return {history,
          gram_of(history, prior_mean),
          std::make_shared<Matern52>(),
          prior_mean,
          {.lengthscale = 40.0, .nugget = 1e-6, .slope = 0.0}};
}

struct Case {
  const char* name;
  std::shared_ptr<const Optimizer> rule;
  PriorMean prior_mean;
  Precision precision;
};

std::vector<Case> cases() {
  const auto sgd = std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.01});
  const auto momentum =
      std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.005, .momentum = 0.9, .nesterov = true});
  const auto adam = std::make_shared<Adam>(Adam::Options{.learning_rate = 0.01});
  Vector lower = Vector::Constant(dimension, 0.2), upper = Vector::Constant(dimension, 0.9);
  for (Index i = 0; i < dimension; ++i) upper[i] += 0.001 * static_cast<double>(i % 50);
  const auto boxed = std::make_shared<Projected>(adam, Bounds(lower, upper));
  return {{"sgd", sgd, PriorMean::constant, Precision::f64},
          {"momentum", momentum, PriorMean::zero, Precision::f64},
          {"adagrad", std::make_shared<AdaGrad>(AdaGrad::Options{}), PriorMean::constant, Precision::f32},
          {"rmsprop", std::make_shared<RmsProp>(RmsProp::Options{}), PriorMean::zero, Precision::f32},
          {"adam", adam, PriorMean::constant, Precision::f64},
          {"boxed", boxed, PriorMean::constant, Precision::f32}};
}

OptimizerState warm_state(const Optimizer& rule) {
  OptimizerState state = rule.initial_state(dimension);
  state.step = 3;
  state.moments.setConstant(0.02);
  return state;
}

class SubsetChain : public testing::TestWithParam<Case> {};

TEST_P(SubsetChain, HasTheBitsOfTheChainInAllCoordinates) {
  const GradientHistory history = descent(GetParam().precision);
  const Posterior posterior = model_of(history, GetParam().prior_mean);
  const Opaque hidden(posterior);
  const Optimizer& rule = *GetParam().rule;
  ASSERT_TRUE(SubsetWalk::is_possible(posterior, rule));
  const Vector theta = history.theta(entries - 1);
  const OptimizerState state = warm_state(rule);
  Recorder few(dimension), all(dimension);
  const auto chain = [&](const GradientModel& model, Recorder& recorder) {
    return walk_chain(
        theta, state, [&] { return ChainGuide{&model}; }, rule, {0, 1, 4, 6}, {}, true, recorder);
  };
  const ProxyChain fast = chain(posterior, few), plain = chain(hidden, all);
  ASSERT_EQ(fast.points.size(), 4U);
  ASSERT_EQ(few.points, all.points);
  EXPECT_EQ(fast.variances, plain.variances);
  ASSERT_EQ(fast.predictions, plain.predictions);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(*fast.points[k], *plain.points[k]);
    EXPECT_EQ(fast.states[k].step, plain.states[k].step);
    EXPECT_EQ(fast.states[k].moments, plain.states[k].moments);
  }
}

TEST_P(SubsetChain, EndsWhereTheNumbersAreNoLongerFinite) {
  const GradientHistory history = descent(GetParam().precision);
  const Posterior posterior = model_of(history, GetParam().prior_mean);
  const Opaque hidden(posterior);
  const Vector theta = history.theta(entries - 1);
  const Sgd rule({.learning_rate = 1e308});
  Recorder few(dimension), all(dimension);
  const auto chain = [&](const GradientModel& model, Recorder& recorder) {
    return walk_chain(
        theta, rule.initial_state(dimension), [&] { return ChainGuide{&model}; }, rule, {0, 1, 2}, {}, false,
        recorder);
  };
  const ProxyChain fast = chain(posterior, few), plain = chain(hidden, all);
  EXPECT_LT(fast.points.size(), 3U);
  EXPECT_EQ(few.points, all.points);
  EXPECT_EQ(fast.predictions.size(), plain.predictions.size());
}

TEST_P(SubsetChain, ReplayEndsAtTheSamePlace) {
  const Optimizer& rule = *GetParam().rule;
  GradientHistory history = descent(GetParam().precision);
  const std::vector<Index> depths{0, 1, 2, 3};
  const Vector theta = history.theta(entries - 1) * 0.999;
  std::vector<Vector> points;
  std::vector<Evaluation> truth;
  std::vector<NewPair> pairs;
  for (std::size_t k = 0; k < depths.size(); ++k) {
    points.push_back(theta * (1.0 - 0.01 * static_cast<double>(k)));
    Evaluation evaluation;
    evaluation.value = 1.0;
    evaluation.gradient = slope_at(points.back());
    truth.push_back(std::move(evaluation));
  }
  for (std::size_t k = 0; k < depths.size(); ++k) pairs.push_back({points[k], truth[k].gradient, 1.0, 20});
  history.append(pairs);
  const Posterior posterior = model_of(history, GetParam().prior_mean);
  const Opaque hidden(posterior);
  const std::vector<bool> usable(depths.size(), true);
  std::vector<Index> accepted;
  for (const double tolerance : {1e-12, 0.2, 10.0}) {  // stops early or never
    Vector fast = theta, plain = theta;
    OptimizerState fast_state = warm_state(rule), plain_state = fast_state;
    const ReplayInput input{depths, truth, usable, 10.0, tolerance, 4};
    const ReplayResult a = replay(fast, fast_state, &posterior, rule, input);
    const ReplayResult b = replay(plain, plain_state, &hidden, rule, input);
    EXPECT_EQ(a.accepted, b.accepted) << tolerance;
    EXPECT_EQ(a.complete, b.complete);
    EXPECT_NEAR(a.worst_error, b.worst_error, 1e-6);
    EXPECT_LE((fast - plain).norm(), 1e-9 * plain.norm());
    EXPECT_EQ(fast_state.step, plain_state.step);
    EXPECT_LE((fast_state.moments - plain_state.moments).norm(), 1e-9 * (1.0 + plain_state.moments.norm()));
    accepted.push_back(a.accepted);
  }
  EXPECT_EQ(accepted.front(), 1);
  EXPECT_EQ(accepted.back(), 4);
}

INSTANTIATE_TEST_SUITE_P(All, SubsetChain, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.name; });

/// Looks at the neighbour, too.
class Coupled final : public Optimizer {
 public:
  Index moment_count() const override { return 0; }
  void update(std::int64_t, Index, VectorRef theta, ConstVectorRef gradient, Matrix&) const override {
    theta -= 0.1 * gradient;
  }
};

TEST(SubsetWalk, IsTakenOnlyWhereItIsTheSameAndSaves) {
  const Sgd sgd({.learning_rate = 0.1});
  const GradientHistory few = descent(Precision::f64), all = descent(Precision::f64, 0),
                        many = descent(Precision::f64, 800);
  const Posterior of_few = model_of(few, PriorMean::constant), of_all = model_of(all, PriorMean::constant),
                  of_many = model_of(many, PriorMean::constant);
  EXPECT_TRUE(SubsetWalk::is_possible(of_few, sgd));
  EXPECT_FALSE(SubsetWalk::is_possible(of_all, sgd));
  EXPECT_FALSE(SubsetWalk::is_possible(of_many, sgd));
  EXPECT_FALSE(SubsetWalk::is_possible(of_few, Coupled()));
  EXPECT_FALSE(SubsetWalk::is_possible(of_few, Projected(std::make_shared<Coupled>(), {})));
  const Posterior trend(few, gram_of(few, PriorMean::constant), std::make_shared<Matern52>(),
                        PriorMean::constant, {.lengthscale = 40.0, .nugget = 1e-6, .slope = 0.5});
  EXPECT_FALSE(SubsetWalk::is_possible(trend, sgd));
}

}  // namespace
}  // namespace optex
