// The size of F, its unit and what is added to it hardly matter, and where they do it is said.
#include "optex/minimize/minimize.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/sgd.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "random_quadratic.hpp"
#include "support/test_seed.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::all_strategies;
using test::random_box;
using test::RandomQuadratic;

/// Rounds until F has come down to 1 % of the way; `iterations` when it never does.
std::int64_t rounds_to_a_percent(const RandomQuadratic& objective, MinimizeOptions options, double minimum) {
  const double start = objective.value(objective.initial_point());
  std::int64_t rounds = *options.stop.iterations;
  options.on_iteration = [&](const RunState& run, const IterationReport&) {
    if (run.best.value - minimum > 0.01 * (start - minimum)) return Wish::go_on;
    rounds = run.iteration;
    return Wish::stop;
  };
  const Outcome outcome = minimize(objective, options);
  EXPECT_EQ(outcome.code, ExitCode::success) << outcome.message;
  EXPECT_NE(outcome.reason, "stationary") << outcome.message;
  return rounds;
}

class ScaledLaw : public testing::TestWithParam<Strategy> {};

TEST_P(ScaledLaw, ScaleAndShiftOfFChangeHardlyAnything) {
  constexpr Index d = 6;
  const test::TestSeed first(3);
  const auto seed = static_cast<unsigned>(first());
  MinimizeOptions options;
  options.strategy = GetParam();
  options.stop = {.iterations = 300};
  const bool owns_rate = GetParam() == Strategy::whitened;
  const bool is_slow = owns_rate || GetParam() == Strategy::vanilla;
  const auto with_scale = [&](double scale) {
    MinimizeOptions scaled = options;
    scaled.learning_rate = is_slow ? 0.5 : 0.05;
    // A rate means something per unit of F where steps are proportional to gradients, an epsilon elsewhere.
    if (GetParam() == Strategy::anderson)
      scaled.learning_rate = 0.2 / scale;
    else if (!owns_rate)
      scaled.optimizer = std::make_shared<Adam>(
          Adam::Options{.learning_rate = LearningRate(scaled.learning_rate), .epsilon = 1e-8 * scale});
    return scaled;
  };
  MinimizeOptions reference = options;
  reference.strategy = Strategy::lbfgs;
  const double minimum = minimize(RandomQuadratic(d, seed), reference).final_value;
  const std::int64_t plain = rounds_to_a_percent(RandomQuadratic(d, seed), with_scale(1.0), minimum);
  ASSERT_LT(plain, 300);

  const RandomQuadratic shifted(d, seed, 1.0, 100.0);
  EXPECT_LE(std::abs(rounds_to_a_percent(shifted, with_scale(1.0), minimum + 100.0) - plain), 2);
  std::vector<double> exponents = {-60, -20, -6, 6, 20, 60};
  if (owns_rate) exponents = {-3, 6, 20, 60};  // its epsilon is 1e-8, whatever F is
  if (GetParam() == Strategy::lbfgs || GetParam() == Strategy::anderson)
    exponents.insert(exponents.end(), {-170, -150, 150, 170, 200});
  for (const double exponent : exponents) {
    const double scale = std::pow(10.0, exponent);
    const RandomQuadratic objective(d, seed, scale);
    const std::int64_t rounds = rounds_to_a_percent(objective, with_scale(scale), scale * minimum);
    EXPECT_LE(std::abs(rounds - plain), 10) << "F times 1e" << exponent << ": " << rounds << " and " << plain;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScaledLaw, testing::ValuesIn(all_strategies));

bool speaks_of_scale(const Outcome& outcome) {
  return std::any_of(outcome.warnings.begin(), outcome.warnings.end(), [](const std::string& warning) {
    return warning.find("in another unit") != std::string::npos;
  });
}

/// F of another objective times a number.
class Multiplied final : public Objective {
 public:
  Multiplied(std::shared_ptr<const Objective> inner, double factor)
      : inner_(std::move(inner)), factor_(factor) {}
  Index dimension() const override { return inner_->dimension(); }
  Vector initial_point() const override { return inner_->initial_point(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    const double value = inner_->value_and_gradient(theta, key, shard, gradient);
    gradient *= factor_;
    return factor_ * value;
  }

 private:
  std::shared_ptr<const Objective> inner_;
  double factor_;
};

/// A run of F times 2^exponent, what it says about F divided by that again.
struct Route {
  std::vector<Vector> thetas;          // after each round
  std::vector<double> values, lowest;  // of the rounds
  Vector solution;
  double final_value = 0.0;
  double unit = 0.0;  // BestPoint::unit

  friend bool operator==(const Route& a, const Route& b) {
    return a.thetas == b.thetas && a.values == b.values && a.lowest == b.lowest && a.solution == b.solution &&
           a.final_value == b.final_value;
  }
};

Route route_of(const std::shared_ptr<const Objective>& objective, int exponent, MinimizeOptions options) {
  const double scale = std::ldexp(1.0, exponent);
  if (options.strategy == Strategy::anderson) options.learning_rate /= scale;
  options.stop = {.iterations = 24};
  Route route;
  options.on_iteration = [&](const RunState& run, const IterationReport& report) {
    route.thetas.push_back(run.theta);
    route.values.push_back(report.value / scale);
    route.lowest.push_back(report.best_value / scale);
    route.unit = run.best.unit;
    return Wish::go_on;
  };
  RunState half;
  options.on_checkpoint = [&half](const RunState& run) {
    if (run.iteration == 12) half = run;
  };
  options.checkpoint_every = 12;
  const Multiplied scaled(objective, scale);
  const Outcome outcome = minimize(scaled, options);
  route.solution = outcome.solution;
  route.final_value = outcome.final_value / scale;
  if (half.iteration > 0) {  // else it ended before
    options.resume = half;
    options.on_iteration = {};
    EXPECT_EQ(minimize(scaled, options).solution, outcome.solution) << "taken up again, 2^" << exponent;
  }
  return route;
}

// A unit of F that is a power of two changes no digit, however large or small: what has no learning rate, or
// one per unit of F, goes the way that it goes where F and its gradient are of size 1.
TEST(ScaleLaws, FInAnyExtremeUnitTakesTheSameRoute) {
  const test::TestSeed first(20260104);
  const auto seed = static_cast<unsigned>(first());
  const std::pair<const char*, std::shared_ptr<const Objective>> problems[] = {
      {"quadratic", std::make_shared<RandomQuadratic>(6, seed)},
      {"Rosenbrock", std::make_shared<Rosenbrock>(10)},
      {"Ackley", std::make_shared<Ackley>(8)}};
  std::mt19937_64 random(seed);
  for (const auto& [problem, objective] : problems) {
    for (const Strategy strategy :
         {Strategy::surrogate, Strategy::lbfgs, Strategy::automatic, Strategy::anderson}) {
      if (strategy == Strategy::automatic && std::string(problem) != "quadratic")
        continue;  // it takes surrogate
      // Coordinates that fall to 1e-180 of the others: their gradients are beyond all numbers.
      if (strategy == Strategy::anderson && std::string(problem) == "Ackley") continue;
      for (const bool boxed : {false, true}) {
        MinimizeOptions options;
        options.strategy = strategy;
        options.learning_rate = 1e-3;
        if (boxed) options.bounds = random_box(objective->dimension(), random);
        const Route extreme = route_of(objective, 332, options);
        // Where the first F and gradients are between 1 and 2.
        const int plain = 332 - (extreme.unit == 1.0 ? 0 : std::ilogb(extreme.unit));
        const Route expected = route_of(objective, plain, options);
        EXPECT_EQ(expected.unit, 1.0);
        EXPECT_LT(expected.final_value, expected.values.front());
        for (const int exponent : {-565, -332, 110, 664})
          EXPECT_TRUE(route_of(objective, exponent, options) == expected)
              << problem << (boxed ? " in a box" : "") << " times 2^" << exponent << ", strategy "
              << static_cast<int>(strategy) << ", seed " << seed;
      }
    }
  }
}

// With all defaults, an optimiser's epsilon among them: F in any unit comes down, or it is said why not. Only
// epsilon is in the way, and beyond 1e-100 .. 1e100 the squares of gradients.
TEST(ScaleLaws, AnyScaleOfFIsMinimisedOrSaid) {
  constexpr Index d = 6;
  const test::TestSeed first(3);
  const auto seed = static_cast<unsigned>(first());
  std::vector<Strategy> strategies(std::begin(all_strategies), std::end(all_strategies));
  strategies.push_back(Strategy::surrogate);
  for (const Strategy strategy : strategies) {
    MinimizeOptions options;
    options.strategy = strategy;
    options.learning_rate = strategy == Strategy::whitened || strategy == Strategy::vanilla ? 0.5 : 0.05;
    options.stop = {.iterations = 300, .gradient_tolerance = 1e-6, .precision = StopRules::default_precision};
    MinimizeOptions reference = options;
    reference.strategy = Strategy::lbfgs;
    const double minimum = minimize(RandomQuadratic(d, seed), reference).final_value;
    for (const int exponent : {-200, -150, -120, -60, -20, -12, -5, 0, 5, 20, 60, 120, 150, 200}) {
      const double scale = std::pow(10.0, exponent);
      if (strategy == Strategy::anderson) options.learning_rate = 0.2 / scale;  // one per unit of F
      const RandomQuadratic objective(d, seed, scale);
      const double start = objective.value(objective.initial_point());
      const Outcome outcome = minimize(objective, options);
      const bool came_down = outcome.final_value - scale * minimum <= 0.01 * (start - scale * minimum);
      const std::string where = "strategy " + std::to_string(static_cast<int>(strategy)) + ", F times 1e" +
                                std::to_string(exponent) + ": " + std::to_string(outcome.final_value / scale);
      EXPECT_TRUE(came_down || speaks_of_scale(outcome)) << where << ", " << outcome.message;
      const bool has_epsilon = strategy != Strategy::lbfgs && strategy != Strategy::anderson &&
                               strategy != Strategy::surrogate && strategy != Strategy::automatic;
      const bool is_within = !has_epsilon || (exponent >= -5 && exponent <= 100);
      EXPECT_TRUE(came_down || !is_within) << where;
      EXPECT_FALSE(speaks_of_scale(outcome) && is_within) << where;
    }
  }
}

TEST(ScaleLaws, AStepThatIsLostIsNotTakenForAnEnd) {
  MinimizeOptions options;
  options.strategy = Strategy::vanilla;
  options.optimizer = std::make_shared<Sgd>(Sgd::Options{.learning_rate = LearningRate(1e-20)});
  options.stop = {.iterations = 30, .precision = StopRules::default_precision};
  const Outcome outcome = minimize(RandomQuadratic(6, 3), options);
  EXPECT_EQ(outcome.reason, "precision");
  EXPECT_TRUE(speaks_of_scale(outcome));
}
}  // namespace
}  // namespace optex
