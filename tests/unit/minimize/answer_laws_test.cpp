/// Laws of every method's answer, on problems that are drawn.

#include "optex/minimize/ask_tell.hpp"
#include "optex/minimize/minimize.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/sgd.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/test_seed.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr Strategy all_strategies[] = {Strategy::automatic, Strategy::replay,  Strategy::sequence,
                                       Strategy::whitened,  Strategy::vanilla, Strategy::lbfgs,
                                       Strategy::anderson};

/// scale (1/2 x'A x - b'x) + shift, A symmetric and positive definite; remembers the smallest value it gave.
class RandomQuadratic final : public Objective {
 public:
  RandomQuadratic(Index d, unsigned seed, double scale = 1.0, double shift = 0.0)
      : a_(Matrix::Zero(d, d)), b_(d), scale_(scale), shift_(shift) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    Matrix half(d, d);
    for (Index j = 0; j < d; ++j)
      for (Index i = 0; i < d; ++i) half(i, j) = normal(random);
    a_ = half * half.transpose() / static_cast<double>(d) + 0.1 * Matrix::Identity(d, d);
    for (Index i = 0; i < d; ++i) b_[i] = 2.0 * normal(random);
  }
  Index dimension() const override { return b_.size(); }
  Vector initial_point() const override { return Vector::Constant(b_.size(), 0.3); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    const Vector product = a_ * theta;
    gradient = scale_ * (product - b_);
    const double value = scale_ * (0.5 * theta.dot(product) - b_.dot(theta)) + shift_;
    smallest_ = std::min(smallest_, value);
    return value;
  }
  double smallest() const { return smallest_; }
  double value(ConstVectorRef theta) const {
    Vector gradient(theta.size());
    return value_and_gradient(theta, SampleKey::exact(), 0, gradient);
  }

 private:
  Matrix a_;
  Vector b_;
  double scale_, shift_;
  mutable double smallest_ = std::numeric_limits<double>::infinity();
};

Bounds random_box(Index d, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  Vector lower(d), upper(d);
  for (Index i = 0; i < d; ++i) {
    lower[i] = -0.5 + uniform(random);
    upper[i] = lower[i] + uniform(random);
    if (uniform(random) < 0.2) upper[i] = std::numeric_limits<double>::infinity();
  }
  return {lower, upper};
}

void answer_all(AskTell& run, const Objective& objective) {
  while (!run.finished())
    for (const Question& question : run.ask()) {
      Vector gradient(objective.dimension());
      const double value = objective.value_and_gradient(question.theta, question.key, 0, gradient);
      run.tell(question.number, value, gradient);
    }
}

TEST(AnswerLaws, NoAnswerIsWorseThanTheBestEvaluatedPoint) {
  const test::TestSeed first(20260101);
  std::mt19937_64 random(first());
  for (unsigned seed = 1; seed <= 8; ++seed) {
    const auto drawn = static_cast<unsigned>(first() - 20260101 + seed);
    const Index d = 2 + static_cast<Index>(random() % 9);
    MinimizeOptions options;
    if (seed % 3 != 0) options.bounds = random_box(d, random);
    options.learning_rate = std::pow(10.0, -2.5 + 0.3 * seed);
    options.stop = {.iterations = 20};
    for (const Strategy strategy : all_strategies) {
      options.strategy = strategy;
      const std::string name =
          "seed " + std::to_string(seed) + ", strategy " + std::to_string(static_cast<int>(strategy));
      const RandomQuadratic objective(d, drawn);
      const Outcome outcome = minimize(objective, options);
      EXPECT_EQ(outcome.final_value, objective.smallest()) << name << ": " << outcome.message;
      EXPECT_EQ(outcome.best_value, outcome.final_value) << name;
      EXPECT_TRUE(options.bounds.contains(outcome.solution)) << name;
      EXPECT_EQ(objective.value(outcome.solution), outcome.final_value) << name;

      const RandomQuadratic told(d, drawn);
      AskTell run(told.initial_point(), options);
      answer_all(run, told);
      EXPECT_EQ(run.outcome().final_value, outcome.final_value) << name;
      EXPECT_EQ(run.outcome().solution, outcome.solution) << name;
    }
  }
}

// Limits hold coordinates whose large gradients are predicted well whatever happens to the others.
TEST(AnswerLaws, ReplayStaysAtTheMinimumOfABox) {
  constexpr Index d = 7;
  for (const auto& [lower, upper] :
       {std::pair(0.0, 1.0), std::pair(-0.1, 0.3), std::pair(1.0 / 3.0, 2.0 / 3.0)}) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
      const RandomQuadratic objective(d, seed);
      MinimizeOptions options;
      options.bounds = Bounds(Vector::Constant(d, lower), Vector::Constant(d, upper));
      options.strategy = Strategy::lbfgs;
      options.stop = {.iterations = 100};
      const double minimum = minimize(objective, options).final_value;
      options.strategy = Strategy::replay;
      options.learning_rate = 0.05;
      options.stop = {.iterations = 50};
      double first = 0.0, highest = minimum;
      options.on_iteration = [&](const RunState& run, const IterationReport& report) {
        if (run.iteration == 1) first = report.value;
        if (run.iteration > 30) highest = std::max(highest, report.value);
        return Wish::go_on;
      };
      minimize(objective, options);
      EXPECT_LE(highest - minimum, 0.05 * (first - minimum))
          << "box [" << lower << ", " << upper << "], seed " << seed;
    }
  }
}

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
TEST(AnswerLaws, FInAnyExtremeUnitTakesTheSameRoute) {
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
TEST(AnswerLaws, AnyScaleOfFIsMinimisedOrSaid) {
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

TEST(AnswerLaws, AStepThatIsLostIsNotTakenForAnEnd) {
  MinimizeOptions options;
  options.strategy = Strategy::vanilla;
  options.optimizer = std::make_shared<Sgd>(Sgd::Options{.learning_rate = LearningRate(1e-20)});
  options.stop = {.iterations = 30, .precision = StopRules::default_precision};
  const Outcome outcome = minimize(RandomQuadratic(6, 3), options);
  EXPECT_EQ(outcome.reason, "precision");
  EXPECT_TRUE(speaks_of_scale(outcome));
}

/// Rules that a run of the options meets somewhere between its first and its twelfth round.
std::vector<std::pair<std::string, StopRules>> rules_on_the_way(const Objective& objective,
                                                                MinimizeOptions options,
                                                                std::mt19937_64& random) {
  constexpr std::int64_t rounds = 12;
  options.stop = {.iterations = rounds};
  const std::vector<TracePoint> trace = minimize(objective, options).trace;
  const TracePoint& met = trace[random() % trace.size()];
  double least = trace.front().gradient_norm;
  for (const TracePoint& point : trace)
    if (point.round <= met.round) least = std::min(least, point.gradient_norm);
  return {{"iterations", {.iterations = met.round}},
          {"evaluations", {.evaluations = met.gradients}},
          {"value", {.value = met.best_value}},
          {"gradient_norm", {.gradient_norm = least}},
          {"gradient_tolerance", {.gradient_tolerance = least / trace.front().gradient_norm * (1.0 + 1e-12)}},
          {"patience", {.patience = 1, .value_tolerance = 0.2}},
          {"precision", {.precision = 0.9}},
          {"seconds", {.seconds = 1e-9}}};
}

TEST(AnswerLaws, ARunThatHasEndedDoesNoMoreWhenTakenUpAgain) {
  const test::TestSeed first(20260105);
  std::mt19937_64 random(first());
  std::uniform_real_distribution<double> place(-1.5, 1.5);
  const Rosenbrock objective(12);
  MinimizeOptions options;
  options.learning_rate = 0.03;
  options.start.resize(12);
  for (double& x : options.start) x = place(random);
  for (const Strategy strategy :
       {Strategy::replay, Strategy::vanilla, Strategy::lbfgs, Strategy::surrogate, Strategy::whitened}) {
    options.strategy = strategy;
    options.on_checkpoint = {};
    options.on_iteration = {};
    options.resume.reset();
    for (const auto& [reason, rule] : rules_on_the_way(objective, options, random)) {
      const std::string where = reason + ", strategy " + std::to_string(static_cast<int>(strategy));
      options.stop = rule;
      options.resume.reset();
      RunState kept;
      options.on_checkpoint = [&kept](const RunState& run) { kept = run; };
      std::int64_t rounds = 0;
      options.on_iteration = [&rounds](const RunState&, const IterationReport&) {
        return ++rounds < 2000 ? Wish::go_on : Wish::stop;
      };
      const Outcome ended = minimize(objective, options);
      ASSERT_EQ(ended.reason, reason) << where;
      options.resume = kept;
      rounds = 0;
      const Outcome again = minimize(objective, options);
      EXPECT_EQ(rounds, 0) << where;
      EXPECT_EQ(again.reason, reason) << where;
      EXPECT_EQ(again.solution, ended.solution) << where;
      EXPECT_EQ(again.final_value, ended.final_value) << where;
    }
  }
}

}  // namespace
}  // namespace optex
