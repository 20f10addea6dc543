// What no theory covers and every user meets: flat, linear and one-dimensional functions, starts at the
// minimum, regions where nothing can be evaluated.
#include "optex/estimation/gaussian_process.hpp"
#include "optex/estimation/recent_mean.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/optex.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

namespace optex {
namespace {

/// F(x) and dF/dx_i = slope(x_i) in any dimension; F is the sum over coordinates.
class Separable : public Objective {
 public:
  Separable(Index dimension, double start, std::function<double(double)> value,
            std::function<double(double)> slope)
      : dimension_(dimension), start_(start), value_(std::move(value)), slope_(std::move(slope)) {}
  Index dimension() const override { return dimension_; }
  Vector initial_point() const override { return Vector::Constant(dimension_, start_); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    double sum = 0.0;
    for (Index i = 0; i < dimension_; ++i) {
      sum += value_(theta[i]);
      gradient[i] = slope_(theta[i]);
    }
    return sum;
  }

 private:
  Index dimension_;
  double start_;
  std::function<double(double)> value_, slope_;
};

struct Rule {
  std::string name;
  std::function<std::unique_ptr<Method>(Evaluator&, std::shared_ptr<const Optimizer>)> make;
};

std::vector<Rule> rules() {
  std::vector<Rule> all;
  for (const UpdateRule rule : {UpdateRule::replay, UpdateRule::sequence, UpdateRule::last,
                                UpdateRule::min_value, UpdateRule::min_gradient}) {
    for (const bool paper : {false, true}) {
      all.push_back(
          {std::string(name_of(rule)) + (paper ? " with the paper's estimator" : ""),
           [rule, paper](Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer) {
             HyperparameterRules rules;
             if (paper) rules = {.lengthscale_rule = LengthscaleRule::paper, .nugget = 1e-3};
             const auto estimator = std::make_shared<GaussianProcess>(
                 std::make_shared<Matern52>(), paper ? PriorMean::zero : PriorMean::constant, rules);
             return std::make_unique<Optex>(evaluator, std::move(optimizer), estimator,
                                            Optex::Options{.parallelism = 5, .update = rule, .reach = 16});
           }});
    }
  }
  all.push_back(
      {"replay with the recent mean", [](Evaluator& evaluator, std::shared_ptr<const Optimizer> optimizer) {
         return std::make_unique<Optex>(evaluator, std::move(optimizer), std::make_shared<RecentMean>(5),
                                        Optex::Options{.parallelism = 5, .reach = 16});
       }});
  return all;
}

std::vector<std::shared_ptr<const Optimizer>> optimizers() {
  return {std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.1}),
          std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.05, .momentum = 0.9}),
          std::make_shared<Adam>(Adam::Options{.learning_rate = 0.1})};
}

/// Calls check(run, rule) after `rounds` rounds of every rule with every optimizer; all numbers must be
/// finite.
void play(const Objective& objective, int rounds, const std::function<void(const RunState&)>& check) {
  for (const Rule& rule : rules()) {
    for (const auto& optimizer : optimizers()) {
      SCOPED_TRACE(rule.name);
      SerialEvaluator evaluator(objective);
      const auto method = rule.make(evaluator, optimizer);
      RunState run = method->initial_state(objective.initial_point());
      for (int t = 0; t < rounds; ++t) {
        method->iterate(run);
        ASSERT_TRUE(run.theta.allFinite()) << "round " << t + 1;
        ASSERT_TRUE(std::isfinite(run.best.value));
      }
      for (Index i = 0; i < run.history.size(); ++i) {
        ASSERT_TRUE(run.history.theta(i).allFinite());
        ASSERT_TRUE(run.history.gradient(i).allFinite());
        ASSERT_TRUE(std::isfinite(run.history.value(i)));
      }
      check(run);
    }
  }
}

TEST(DegenerateProblems, WhereTheGradientIsZeroNothingMoves) {
  const Separable flat(
      7, 1.5, [](double) { return 2.0; }, [](double) { return 0.0; });
  play(flat, 12, [](const RunState& run) {
    EXPECT_EQ(run.theta, Vector::Constant(7, 1.5));
    EXPECT_EQ(run.best.value, 14.0);
  });
}

TEST(DegenerateProblems, AConstantGradientIsFollowed) {
  const Separable slope(
      7, 0.0, [](double x) { return -x; }, [](double) { return -1.0; });
  play(slope, 12, [](const RunState& run) {
    EXPECT_GT(run.theta.minCoeff(), 12 * 0.04);  // at least the steps of the plain optimizer, about
    EXPECT_LT(run.best.value, 0.0);
  });
}

TEST(DegenerateProblems, OneCoordinateIsEnough) {
  const Separable parabola(
      1, 3.0, [](double x) { return 0.5 * (x - 1.0) * (x - 1.0); }, [](double x) { return x - 1.0; });
  play(parabola, 35, [](const RunState& run) { EXPECT_LT(run.best.value, 0.05); });
}

TEST(DegenerateProblems, AStartAtTheMinimumStaysThere) {
  const Separable parabola(
      3, 1.0, [](double x) { return 0.5 * (x - 1.0) * (x - 1.0); }, [](double x) { return x - 1.0; });
  play(parabola, 12, [](const RunState& run) {
    EXPECT_EQ(run.theta, Vector::Constant(3, 1.0));
    EXPECT_EQ(run.best.value, 0.0);
  });
}

TEST(DegenerateProblems, BeyondACliffNothingIsRemembered) {
  // The way down leads to the cliff at 2; the minimum lies a little before it.
  const auto value = [](double x) {
    return x > 2.0 ? std::numeric_limits<double>::quiet_NaN() : 0.5 * (x - 1.8) * (x - 1.8);
  };
  const Separable cliff(2, -4.0, value, [](double x) { return x - 1.8; });
  for (const Rule& rule : rules()) {
    if (rule.name.find("replay") == std::string::npos) continue;
    SCOPED_TRACE(rule.name);
    SerialEvaluator evaluator(cliff);
    const auto method = rule.make(evaluator, std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.1}));
    RunState run = method->initial_state(cliff.initial_point());
    for (int t = 0; t < 40; ++t) method->iterate(run);
    EXPECT_LT(run.best.value, 1e-2);
    for (Index i = 0; i < run.history.size(); ++i) EXPECT_LE(run.history.theta(i).maxCoeff(), 2.0);
  }
}

}  // namespace
}  // namespace optex
