#include "optex/core/bounds.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/units.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/estimation/model_in_units.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/anderson.hpp"
#include "optex/methods/data_parallel.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/whitened.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/projected.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

/// Another objective that throws outside of a box.
class Fenced final : public Objective {
 public:
  Fenced(const Objective& inside, Bounds bounds) : inside_(inside), bounds_(std::move(bounds)) {}
  Index dimension() const override { return inside_.dimension(); }
  Vector initial_point() const override { return inside_.initial_point(); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    if (!bounds_.contains(theta)) throw std::runtime_error("evaluated outside the box");
    return inside_.value_and_gradient(theta, key, shard, gradient);
  }

 private:
  const Objective& inside_;
  Bounds bounds_;
};

std::shared_ptr<const Optimizer> adam_within(const Bounds& bounds, double rate = 0.02) {
  return std::make_shared<Projected>(std::make_shared<Adam>(Adam::Options{.learning_rate = rate}), bounds);
}

std::shared_ptr<const Estimator> estimator() {
  return std::make_shared<GaussianProcess>(std::make_shared<Matern52>(), PriorMean::constant,
                                           HyperparameterRules{});
}

struct Named {
  std::string name;
  std::unique_ptr<Method> method;
};

std::vector<Named> all_methods(Evaluator& evaluator, const Bounds& bounds) {
  std::vector<Named> methods;
  const auto add = [&](const std::string& name, auto method) {
    methods.push_back({name, std::make_unique<decltype(method)>(std::move(method))});
  };
  add("vanilla", Sequential(evaluator, adam_within(bounds), 1, 0, bounds));
  add("target", Sequential(evaluator, adam_within(bounds), 4, 0, bounds));
  add("data_parallel",
      DataParallel(evaluator, adam_within(bounds), {.average_tail = true, .bounds = bounds}));
  add("whitened", Whitened(evaluator, {.learning_rate = 0.05, .bounds = bounds}));
  for (const UpdateRule rule : {UpdateRule::last, UpdateRule::min_value, UpdateRule::min_gradient,
                                UpdateRule::sequence, UpdateRule::replay})
    add(name_of(rule),
        Optex(evaluator, adam_within(bounds), estimator(), {.update = rule, .bounds = bounds}));
  add("lbfgs", Lbfgs(evaluator, {.bounds = bounds}));
  add("anderson", Anderson(evaluator, {.learning_rate = 0.02, .bounds = bounds}));
  return methods;
}

TEST(Bounds, EveryMethodStaysInTheBoxAndFindsItsMinimum) {
  const Rosenbrock objective(20);
  const Bounds bounds(Vector::Constant(20, -0.2), Vector::Constant(20, 0.6));
  const Fenced fenced(objective, bounds);
  SerialEvaluator evaluator(fenced);
  Lbfgs exact(evaluator, {.bounds = bounds});
  RunState solution = exact.initial_state(objective.initial_point());
  for (int t = 0; t < 300 && !exact.finished(solution); ++t) exact.iterate(solution);
  const double minimum = solution.best.value;
  EXPECT_GT(minimum, 0.1) << "the box does not matter: the test shows nothing";

  for (const Named& named : all_methods(evaluator, bounds)) {
    RunState run = named.method->initial_state(objective.initial_point());
    EXPECT_TRUE(bounds.contains(run.theta)) << named.name;
    for (int t = 0; t < 120 && !named.method->finished(run); ++t) {
      const IterationReport report = named.method->iterate(run);
      ASSERT_EQ(report.dropped_points, 0) << named.name << " left the box in round " << t + 1;
      ASSERT_TRUE(bounds.contains(run.theta)) << named.name;
      ASSERT_TRUE(run.noisy.average.size() == 0 || bounds.contains(run.noisy.average)) << named.name;
    }
    EXPECT_LT(run.best.value, minimum + 1e-2) << named.name;
    EXPECT_GT(run.best.value, minimum - 1e-12) << named.name;
  }
}

TEST(Bounds, LimitsThatAreFarAwayChangeNoBit) {
  const Rosenbrock objective(20);
  const double infinity = std::numeric_limits<double>::infinity();
  SerialEvaluator evaluator(objective);
  std::vector<Named> free = all_methods(evaluator, {});
  std::vector<Named> within =
      all_methods(evaluator, Bounds(Vector::Constant(20, -infinity), Vector::Constant(20, 1e6)));
  for (std::size_t k = 0; k < free.size(); ++k) {
    RunState a = free[k].method->initial_state(objective.initial_point());
    RunState b = within[k].method->initial_state(objective.initial_point());
    for (int t = 0; t < 25; ++t) {
      const double norm_a = free[k].method->iterate(a).gradient_norm;
      const double norm_b = within[k].method->iterate(b).gradient_norm;
      ASSERT_EQ(a.theta, b.theta) << free[k].name << ", round " << t + 1;
      EXPECT_NEAR(norm_a, norm_b, 1e-12);
    }
  }
}

TEST(Bounds, AtTheConstrainedMinimumTheGradientNormOfTheReportsIsZero) {
  const Sphere objective(6);
  const Bounds bounds(Vector::Constant(6, 0.5), Vector::Constant(6, 3.0));
  SerialEvaluator evaluator(objective);
  for (const Named& named : all_methods(evaluator, bounds)) {
    RunState run = named.method->initial_state(Vector::Zero(6));
    EXPECT_EQ(run.theta, Vector::Constant(6, 0.5)) << named.name;
    EXPECT_EQ(named.method->iterate(run).gradient_norm, 0.0) << named.name;
  }
}

TEST(Bounds, AChainThatIsStuckInACornerDoesNotFillTheHistoryWithIt) {
  const Sphere objective(6);
  const Bounds bounds(Vector::Constant(6, 0.5), Vector::Constant(6, 3.0));
  SerialEvaluator evaluator(objective);
  Optex method(evaluator, adam_within(bounds, 0.3), estimator(), {.parallelism = 6, .bounds = bounds});
  RunState run = method.initial_state(objective.initial_point());
  for (int t = 0; t < 40; ++t) method.iterate(run);
  EXPECT_EQ(run.theta, Vector::Constant(6, 0.5));
  const Matrix distances = run.history.squared_distances();
  for (Index i = 0; i < distances.rows(); ++i)
    for (Index j = 0; j < i; ++j) EXPECT_GT(distances(i, j), 0.0);
}

// ---- length units

Vector powers_of_two(Index d) {
  Vector scale(d);
  for (Index i = 0; i < d; ++i) scale[i] = std::ldexp(1.0, static_cast<int>(i % 7) - 3);
  return scale;
}

/// F(theta / scale).
class Stretched final : public Objective {
 public:
  Stretched(const Objective& inside, Vector scale) : inside_(inside), scale_(std::move(scale)) {}
  Index dimension() const override { return inside_.dimension(); }
  Vector initial_point() const override { return inside_.initial_point().cwiseProduct(scale_); }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    const double value = inside_.value_and_gradient(theta.cwiseQuotient(scale_), key, shard, gradient);
    gradient = gradient.cwiseQuotient(scale_);
    return value;
  }

 private:
  const Objective& inside_;
  Vector scale_;
};

/// theta -= rate scale^2 g: what gradient descent in theta / scale does.
class StretchedDescent final : public Optimizer {
 public:
  StretchedDescent(double rate, Vector scale) : rate_(rate), scale_(std::move(scale)) {}
  Index moment_count() const override { return 0; }
  void update(std::int64_t, Index first, VectorRef theta, ConstVectorRef gradient, Matrix&) const override {
    for (Index i = 0; i < theta.size(); ++i)
      theta[i] -= rate_ * (scale_[first + i] * scale_[first + i] * gradient[i]);
  }

 private:
  double rate_;
  Vector scale_;
};

/// Seen in its units a stretched problem is the problem itself: powers of two make that exact, bit for bit.
/// The large tolerance takes replay's error out, which is measured in theta.
TEST(Units, AStretchedProblemIsSolvedLikeTheProblemItself) {
  const Index d = 30;
  const Rosenbrock plain(d);
  const Vector scale = powers_of_two(d);
  const Stretched stretched(plain, scale);
  SerialEvaluator plain_evaluator(plain), stretched_evaluator(stretched);
  // Both the same class, so that both walk through all coordinates.
  const auto descent = std::make_shared<StretchedDescent>(0.02, Vector::Ones(d));
  const auto stretched_descent = std::make_shared<StretchedDescent>(0.02, scale);
  const auto compare = [&](Method& a, Method& b, const std::string& name) {
    RunState run_a = a.initial_state(plain.initial_point());
    RunState run_b = b.initial_state(stretched.initial_point());
    for (int t = 0; t < 15; ++t) {
      a.iterate(run_a);
      b.iterate(run_b);
      ASSERT_EQ(run_b.theta, run_a.theta.cwiseProduct(scale)) << name << ", round " << t + 1;
      ASSERT_EQ(run_b.best.value, run_a.best.value) << name << ", round " << t + 1;
    }
  };
  const Units units(scale);
  Optex a(plain_evaluator, descent, estimator(), {.tolerance = 1e9});
  Optex b(stretched_evaluator, stretched_descent, estimator(), {.tolerance = 1e9, .units = units});
  compare(a, b, "replay");

  // Without the units it is another run: the test could fail.
  Optex f(stretched_evaluator, stretched_descent, estimator(), {.tolerance = 1e9});
  RunState run_a = a.initial_state(plain.initial_point());
  RunState run_f = f.initial_state(stretched.initial_point());
  for (int t = 0; t < 4; ++t) {
    a.iterate(run_a);
    f.iterate(run_f);
  }
  EXPECT_NE(run_f.theta, run_a.theta.cwiseProduct(scale));
}

TEST(Units, TheStepsOfTheOptimizerStayInTheta) {
  const Rosenbrock objective(10);
  SerialEvaluator evaluator(objective);
  const auto descent = std::make_shared<Sgd>(Sgd::Options{.learning_rate = 0.01});
  Sequential vanilla(evaluator, descent, 1, 0);
  Optex optex(evaluator, descent, estimator(), {.parallelism = 1, .units = Units(powers_of_two(10))});
  RunState a = vanilla.initial_state(objective.initial_point());
  RunState b = optex.initial_state(objective.initial_point());
  for (int t = 0; t < 10; ++t) {
    vanilla.iterate(a);
    optex.iterate(b);
    ASSERT_EQ(a.theta, b.theta);
  }
}

TEST(Units, ConvertThereAndBack) {
  const Vector scale = powers_of_two(9);
  const Units units(scale);
  const Vector x = Vector::LinSpaced(9, -1.0, 2.0);
  EXPECT_EQ(units.position(x), x.cwiseQuotient(scale));
  EXPECT_EQ(units.step_in_theta(units.position(x)), x);
  Vector gradient = units.gradient(x);
  EXPECT_EQ(gradient, x.cwiseProduct(scale));
  units.gradient_to_theta(gradient);
  EXPECT_EQ(gradient, x);
  EXPECT_EQ(units.squared_distance(x, Vector::Zero(9)), squared_norm(x.cwiseQuotient(scale)));
  EXPECT_EQ(Units(Vector::Constant(4, 0.5)).mean_inverse_square(), 4.0);
  EXPECT_TRUE(Units().none());
  EXPECT_EQ(Units().position(x), x);
}

}  // namespace
}  // namespace optex
