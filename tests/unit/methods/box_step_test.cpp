#include "optex/methods/box_step.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/compact_hessian.hpp"
#include "optex/methods/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <Eigen/Core>
#include <Eigen/LU>
#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Numbers of one model and its box, drawn anew for every `seed`.
struct Scene {
  Index d, n;
  SecantPairs pairs;
  Matrix dense;  // B by the recursion of BFGS from the scale of the newest pair
  Vector theta, gradient, lower, upper;

  Scene(int seed, Index dimension, Index capacity, int pushed)
      : d(dimension), n(std::min<Index>(capacity, pushed)), pairs(dimension, capacity) {
    std::mt19937 generator(static_cast<unsigned>(seed));
    std::normal_distribution<double> normal;
    const auto draw = [&](Index rows, Index columns) {
      return Matrix(Matrix::NullaryExpr(rows, columns, [&] { return normal(generator); }));
    };
    const Matrix root = draw(d, d);
    const Matrix hessian = root * root.transpose() / static_cast<double>(d) + 0.1 * Matrix::Identity(d, d);
    for (int k = 0; k < pushed; ++k) {
      const Vector step = draw(d, 1);
      pairs.push(step, hessian * step);
    }
    double scale = 1.0;
    if (n > 0) scale = pairs.change(0).squaredNorm() / pairs.step(0).dot(pairs.change(0));
    dense = scale * Matrix::Identity(d, d);
    for (Index age = n - 1; age >= 0; --age) {
      const Vector s = pairs.step(age), y = pairs.change(age), bs = dense * s;
      dense += y * y.transpose() / y.dot(s) - bs * bs.transpose() / s.dot(bs);
    }
    theta = draw(d, 1);
    gradient = 3.0 * draw(d, 1);
    lower = theta - draw(d, 1).cwiseAbs();
    upper = theta + draw(d, 1).cwiseAbs();
    for (Index i = 0; i < d; ++i) {
      if (i % 7 == 3) lower[i] = -infinity;
      if (i % 5 == 2) upper[i] = infinity;
      if (i % 6 == 1) theta[i] = std::isfinite(lower[i]) ? lower[i] : theta[i];
      if (i % 8 == 5) lower[i] = upper[i] = theta[i];
      if (i % 9 == 4) gradient[i] = 0.0;
    }
  }
  Bounds bounds() const { return {lower, upper}; }
  double model(const Vector& step) const { return gradient.dot(step) + 0.5 * step.dot(dense * step); }
  /// P(theta - t g) - theta
  Vector path(double t) const { return (theta - t * gradient).cwiseMax(lower).cwiseMin(upper) - theta; }
};

std::vector<Scene> scenes() {
  std::vector<Scene> scenes;
  for (int seed = 1; seed <= 40; ++seed) scenes.emplace_back(seed, 3 + seed % 9, 1 + seed % 4, seed % 6);
  scenes.emplace_back(77, 530, 3, 5);  // more coordinates than are packed at a time
  return scenes;
}

/// The first local minimum on the path, by its pieces and the dense B.
Vector first_minimum_on_path(const Scene& scene) {
  std::vector<double> times{0.0};
  for (Index i = 0; i < scene.d; ++i) {
    const double g = scene.gradient[i];
    if (g == 0.0) continue;
    const double t = ((g < 0.0 ? scene.upper[i] : scene.lower[i]) - scene.theta[i]) / -g;
    if (std::isfinite(t)) times.push_back(t);
  }
  std::sort(times.begin(), times.end());
  times.push_back(infinity);
  for (std::size_t k = 0; k + 1 < times.size(); ++k) {
    if (times[k + 1] <= times[k]) continue;
    const double inside = std::isfinite(times[k + 1]) ? 0.5 * (times[k] + times[k + 1]) : times[k] + 1.0;
    const Vector from = scene.path(times[k]);
    const Vector along = (scene.path(inside) - from) / (inside - times[k]);
    const double slope = along.dot(scene.gradient + scene.dense * from);
    if (!(slope < 0.0)) return from;
    const double ahead = -slope / along.dot(scene.dense * along);
    if (times[k] + ahead < times[k + 1]) return from + ahead * along;
  }
  return scene.path(times[times.size() - 2]);
}

double far(const Vector& a, const Vector& b) { return (a - b).norm() / std::max(1.0, b.norm()); }

TEST(CompactHessian, IsWhatTheRecursionBuilds) {
  for (const Scene& scene : scenes()) {
    if (scene.d > 100) continue;
    const auto hessian = CompactHessian::of(scene.pairs);
    ASSERT_TRUE(hessian);
    for (Index i = 0; i < scene.d; ++i) {
      const Vector unit = Vector::Unit(scene.d, i);
      Vector column = hessian->scale() * unit;
      const Vector middle = hessian->middle_times(hessian->transposed_times(unit));
      for (Index j = 0; j < scene.d; ++j) column[j] -= hessian->row(j).dot(middle);
      EXPECT_LT(far(column, scene.dense.col(i)), 1e-10);
    }
  }
}

TEST(CompactHessian, SolvesWithinAnyCoordinates) {
  for (const Scene& scene : scenes()) {
    const auto hessian = CompactHessian::of(scene.pairs);
    ASSERT_TRUE(hessian);
    std::vector<Index> free;
    for (Index i = 0; i < scene.d; ++i)
      if (i % 3 != 1) free.push_back(i);
    const Vector r = scene.gradient(free);
    const auto solution = hessian->solve_within(free, r);
    ASSERT_TRUE(solution);
    EXPECT_LT(far(Matrix(scene.dense(free, free)) * *solution, r), 1e-9);
  }
}

TEST(CompactHessian, PairsThatCannotBeToldApartAreNoMatrix) {
  SecantPairs pairs(2, 2);
  const Vector step = Vector::Constant(2, 1e-200);
  pairs.push(step, step);  // s'y is 0 in doubles
  EXPECT_FALSE(CompactHessian::of(pairs));
}

TEST(CauchyPoint, IsTheFirstMinimumOnThePathOfSteepestDescent) {
  int bent = 0, inside = 0, stuck = 0;
  for (const Scene& scene : scenes()) {
    const auto hessian = CompactHessian::of(scene.pairs);
    ASSERT_TRUE(hessian);
    const CauchyPoint found = cauchy_point(*hessian, scene.bounds(), scene.theta, scene.gradient);
    const Vector wanted = first_minimum_on_path(scene);
    EXPECT_LT(far(found.step, wanted), 1e-9) << scene.d << " coordinates, " << scene.n << " pairs";
    EXPECT_LT(far(found.weights, hessian->transposed_times(found.step)), 1e-9);
    std::vector<Index> free;
    for (Index i = 0; i < scene.d; ++i) {
      const double end = scene.theta[i] + wanted[i];
      if (end > scene.lower[i] + 1e-9 && end < scene.upper[i] - 1e-9) free.push_back(i);
    }
    EXPECT_EQ(found.free, free);
    bent += std::ssize(free) < scene.d ? 1 : 0;
    inside += free.empty() ? 0 : 1;
    stuck += scene.model(found.step) < 0.0 ? 0 : 1;
  }
  EXPECT_GT(bent, 20);
  EXPECT_GT(inside, 20);
  EXPECT_EQ(stuck, 0) << "the Cauchy point lowers the model";
}

TEST(CauchyPoint, WhereEveryCoordinateMeetsItsLimitThePathEnds) {
  const Scene scene(5, 6, 3, 3);
  const Vector half = Vector::Constant(6, 1e-6);
  const Bounds bounds(scene.theta - half, scene.theta + half);
  const auto hessian = CompactHessian::of(scene.pairs);
  Vector gradient = Vector::Constant(6, 10.0);
  gradient[2] = -10.0;
  const CauchyPoint found = cauchy_point(*hessian, bounds, scene.theta, gradient);
  EXPECT_TRUE(found.free.empty());
  for (Index i = 0; i < 6; ++i)
    EXPECT_EQ(bounds.moved(scene.theta, found.step, 1.0)[i], i == 2 ? bounds.upper(i) : bounds.lower(i));
}

TEST(SubspaceMinimum, IsThatOfTheModelOverTheFreeCoordinates) {
  for (const Scene& scene : scenes()) {
    const auto hessian = CompactHessian::of(scene.pairs);
    const CauchyPoint cauchy = cauchy_point(*hessian, scene.bounds(), scene.theta, scene.gradient);
    const Vector step = subspace_minimum(*hessian, cauchy, scene.gradient);
    ASSERT_EQ(step.size(), scene.d);
    const Vector slope = scene.gradient + scene.dense * step;
    for (const Index i : cauchy.free) EXPECT_NEAR(slope[i], 0.0, 1e-7);
    for (Index i = 0; i < scene.d; ++i) {
      if (!std::binary_search(cauchy.free.begin(), cauchy.free.end(), i)) {
        EXPECT_EQ(step[i], cauchy.step[i]);
      }
    }
    const Vector within = step_within(scene.bounds(), scene.theta, scene.gradient, cauchy, step);
    EXPECT_TRUE(scene.bounds().contains(scene.bounds().moved(scene.theta, within, 1.0)));
    EXPECT_LT(within.dot(scene.gradient), 0.0);
    EXPECT_GE(scene.bounds().longest(scene.theta, within), 1.0);
  }
}

TEST(StepWithin, AProjectionThatLeadsUphillGivesWayToAShorterStep) {
  // Cut at x_1 <= 0.1, what is left of (10, 1) leads uphill; on the way from the Cauchy point it does not.
  const Bounds bounds(Vector::Constant(2, -100.0), (Vector(2) << 0.1, 100.0).finished());
  const Vector theta = Vector::Zero(2), gradient = (Vector(2) << -1.0, 0.5).finished();
  const CauchyPoint cauchy{(Vector(2) << 0.05, -0.02).finished(), Vector(), {0, 1}};
  const Vector step = step_within(bounds, theta, gradient, cauchy, (Vector(2) << 10.0, 1.0).finished());
  EXPECT_EQ(step[0], 0.1);
  EXPECT_NEAR(step[1], -0.02 + 1.02 * 0.05 / 9.95, 1e-15);
  EXPECT_LT(step.dot(gradient), 0.0);
}

// ---- the whole method, on problems whose solution in the box is known

class Formula final : public Objective {
 public:
  using Function = std::function<double(ConstVectorRef x, VectorRef g)>;
  Formula(Index dimension, Function function) : dimension_(dimension), function_(std::move(function)) {}
  Index dimension() const override { return dimension_; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    return function_(theta, gradient);
  }

 private:
  Index dimension_;
  Function function_;
};

Vector point(std::initializer_list<double> values) {
  Vector v(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), v.begin());
  return v;
}

struct Textbook {
  std::string name;
  Formula function;
  Vector start, lower, upper;
  std::vector<double> minima;  // one of them is to be found
  int most;                    // evaluations
};

double valley(ConstVectorRef x, VectorRef g) {
  const double bend = x[1] - x[0] * x[0], rest = 1.0 - x[0];
  g[0] = -400.0 * x[0] * bend - 2.0 * rest;
  g[1] = 200.0 * bend;
  return 100.0 * bend * bend + rest * rest;
}

/// Hock and Schittkowski, Test Examples for Nonlinear Programming Codes, 1981: those with nothing but bounds.
/// scipy.optimize.minimize(method="L-BFGS-B") 1.10.1 takes 46, 15, 4, 2, 7, 30 and 10 evaluations to 1e-8 of
/// the minimum, and 30 for the last.
std::vector<Textbook> textbook() {
  const auto third = [](ConstVectorRef x, VectorRef g) {
    const double apart = x[1] - x[0];
    g[0] = -2e-5 * apart;
    g[1] = 1.0 + 2e-5 * apart;
    return x[1] + 1e-5 * apart * apart;
  };
  const auto fourth = [](ConstVectorRef x, VectorRef g) {
    g[0] = (x[0] + 1.0) * (x[0] + 1.0);
    g[1] = 1.0;
    return std::pow(x[0] + 1.0, 3) / 3.0 + x[1];
  };
  const auto fifth = [](ConstVectorRef x, VectorRef g) {
    const double apart = x[0] - x[1], wave = std::cos(x[0] + x[1]);
    g[0] = wave + 2.0 * apart - 1.5;
    g[1] = wave - 2.0 * apart + 2.5;
    return std::sin(x[0] + x[1]) + apart * apart - 1.5 * x[0] + 2.5 * x[1] + 1.0;
  };
  const auto wood = [](ConstVectorRef x, VectorRef g) {
    const double p = x[1] - x[0] * x[0], q = x[3] - x[2] * x[2], b = x[1] - 1.0, d = x[3] - 1.0;
    g[0] = -400.0 * x[0] * p - 2.0 * (1.0 - x[0]);
    g[1] = 200.0 * p + 20.2 * b + 19.8 * d;
    g[2] = -360.0 * x[2] * q - 2.0 * (1.0 - x[2]);
    g[3] = 180.0 * q + 20.2 * d + 19.8 * b;
    return 100.0 * p * p + std::pow(1.0 - x[0], 2) + 90.0 * q * q + std::pow(1.0 - x[2], 2) +
           10.1 * (b * b + d * d) + 19.8 * b * d;
  };
  const auto product = [](ConstVectorRef x, VectorRef g) {
    for (Index i = 0; i < 5; ++i) {
      g[i] = -1.0 / 120.0;
      for (Index j = 0; j < 5; ++j) g[i] *= j == i ? 1.0 : x[j];
    }
    return 2.0 - x.prod() / 120.0;
  };
  const double none = infinity;
  const double lowest = -std::sqrt(3.0) / 2.0 - std::acos(-1.0) / 3.0;
  return {
      {"HS1", {2, valley}, point({-2, 1}), point({-none, -1.5}), point({none, none}), {0.0}, 50},
      {"HS2",
       {2, valley},
       point({-2, 1}),
       point({-none, 1.5}),
       point({none, none}),
       {4.941229317989185, 0.0504261879},
       20},
      {"HS3", {2, third}, point({10, 1}), point({-none, 0}), point({none, none}), {0.0}, 15},
      {"HS4", {2, fourth}, point({1.125, 0.125}), point({1, 0}), point({none, none}), {8.0 / 3.0}, 4},
      {"HS5", {2, fifth}, point({0, 0}), point({-1.5, -3}), point({4, 3}), {lowest}, 12},
      {"HS38",
       {4, wood},
       point({-3, -1, -3, -1}),
       Vector::Constant(4, -10.0),
       Vector::Constant(4, 10.0),
       {0.0},
       110},
      {"HS45", {5, product}, Vector::Constant(5, 2.0), Vector::Zero(5), point({1, 2, 3, 4, 5}), {1.0}, 15},
      {"Rosenbrock", {2, valley}, point({-1.2, 1}), point({-2, -2}), point({0.5, 2}), {0.25}, 35},
  };
}

TEST(LbfgsInABox, FindsTheMinimaOfTheTextbook) {
  for (const Textbook& problem : textbook()) {
    SerialEvaluator evaluator(problem.function);
    const Bounds bounds(problem.lower, problem.upper);
    Lbfgs method(evaluator, {.bounds = bounds});
    RunState run = method.initial_state(problem.start);
    const auto missing = [&] {
      double gap = infinity;
      for (const double minimum : problem.minima) gap = std::min(gap, std::abs(run.best_value - minimum));
      return gap;
    };
    while (!method.finished(run) && run.evaluations < 500 && missing() > 1e-8) {
      method.iterate(run);
      ASSERT_TRUE(bounds.contains(run.best_theta)) << problem.name;
    }
    EXPECT_LE(missing(), 1e-8) << problem.name << ": " << run.best_value;
    EXPECT_LE(run.evaluations, problem.most) << problem.name;
    RecordProperty(problem.name, std::to_string(run.evaluations));
  }
}

TEST(LbfgsInABox, AQuadraticEndsWhereTheEnumerationOfAllActiveSetsDoes) {
  for (int seed = 1; seed <= 20; ++seed) {
    const Index d = 6;
    std::mt19937 generator(static_cast<unsigned>(seed));
    std::normal_distribution<double> normal;
    const Matrix root = Matrix::NullaryExpr(d, d, [&] { return normal(generator); });
    const Matrix hessian = root * root.transpose() + 0.05 * Matrix::Identity(d, d);
    const Vector linear = Vector::NullaryExpr(d, [&] { return 3.0 * normal(generator); });
    const Vector lower = Vector::Constant(d, -0.4), upper = Vector::Constant(d, 0.7);

    // Every coordinate at its lower limit, at its upper one, or free: the one choice of 3^6 that satisfies
    // the conditions of optimality is the minimum.
    Vector minimum;
    for (int choice = 0; choice < 729; ++choice) {
      Vector x(d);
      std::vector<Index> free, held;
      for (Index i = 0, rest = choice; i < d; ++i, rest /= 3) {
        (rest % 3 == 2 ? free : held).push_back(i);
        x[i] = rest % 3 == 0 ? lower[i] : upper[i];
      }
      if (!free.empty()) {
        const Vector right = -linear(free) - Matrix(hessian(free, held)) * Vector(x(held));
        const Vector solved = Matrix(hessian(free, free)).lu().solve(right);
        x(free) = solved;
      }
      const Vector gradient = hessian * x + linear;
      bool optimal = (x.array() >= lower.array()).all() && (x.array() <= upper.array()).all();
      for (const Index i : held)
        optimal = optimal && (x[i] == lower[i] ? gradient[i] >= 0 : gradient[i] <= 0);
      if (optimal) minimum = x;
    }
    ASSERT_EQ(minimum.size(), d);

    const Formula quadratic(d, [&](ConstVectorRef x, VectorRef g) {
      g = hessian * x + linear;
      return 0.5 * x.dot(hessian * x) + linear.dot(x);
    });
    SerialEvaluator evaluator(quadratic);
    const Bounds bounds(lower, upper);
    Lbfgs method(evaluator, {.bounds = bounds});
    RunState run = method.initial_state(Vector::Zero(d));
    double gradient_norm = 1.0;
    while (!method.finished(run) && run.evaluations < 120 && gradient_norm > 1e-6)
      gradient_norm = method.iterate(run).gradient_norm;
    EXPECT_LE(gradient_norm, 1e-6) << "seed " << seed;
    for (Index i = 0; i < d; ++i) {
      EXPECT_NEAR(run.theta[i], minimum[i], 1e-5) << "seed " << seed;
      if (minimum[i] == lower[i] || minimum[i] == upper[i]) {
        EXPECT_EQ(run.theta[i], minimum[i]) << "what is held is exactly at its limit";
      }
    }
  }
}

TEST(LbfgsInABox, AnotherObjectGoesOnFromAnyEvaluation) {
  const Formula objective(2, valley);
  SerialEvaluator evaluator(objective);
  const Bounds bounds(point({-2, -2}), point({0.5, 2}));
  std::vector<RunState> states;
  Lbfgs whole(evaluator, {.bounds = bounds});
  RunState run = whole.initial_state(point({-1.2, 1}));
  int within_search = 0;
  for (int t = 0; t < 25; ++t) {
    states.push_back(run);
    within_search += run.line_search.trials > 0 ? 1 : 0;
    whole.iterate(run);
  }
  EXPECT_GT(within_search, 0);
  for (std::size_t from = 0; from < states.size(); ++from) {
    Lbfgs other(evaluator, {.bounds = bounds});
    RunState resumed = states[from];
    for (std::size_t t = from; t < states.size(); ++t) other.iterate(resumed);
    ASSERT_EQ(resumed.theta, run.theta) << "from round " << from;
    ASSERT_EQ(resumed.direction, run.direction);
    ASSERT_EQ(resumed.line_search.step, run.line_search.step);
  }
}

}  // namespace
}  // namespace optex
