// L-BFGS-B as a whole, on problems whose solution in the box is known.
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "formula.hpp"
#include <Eigen/LU>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::Formula;
using test::point;

constexpr double infinity = std::numeric_limits<double>::infinity();

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
      for (const double minimum : problem.minima) gap = std::min(gap, std::abs(run.best.value - minimum));
      return gap;
    };
    while (!method.finished(run) && run.evaluations < 500 && missing() > 1e-8) {
      method.iterate(run);
      ASSERT_TRUE(bounds.contains(run.best.theta)) << problem.name;
    }
    EXPECT_LE(missing(), 1e-8) << problem.name << ": " << run.best.value;
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
    within_search += run.secants.line_search.trials > 0 ? 1 : 0;
    whole.iterate(run);
  }
  EXPECT_GT(within_search, 0);
  for (std::size_t from = 0; from < states.size(); ++from) {
    Lbfgs other(evaluator, {.bounds = bounds});
    RunState resumed = states[from];
    for (std::size_t t = from; t < states.size(); ++t) other.iterate(resumed);
    ASSERT_EQ(resumed.theta, run.theta) << "from round " << from;
    ASSERT_EQ(resumed.secants.direction, run.secants.direction);
    ASSERT_EQ(resumed.secants.line_search.step, run.secants.line_search.step);
  }
}

}  // namespace
}  // namespace optex
