#include "optex/methods/box_step.hpp"

#include "optex/methods/compact_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "formula.hpp"
#include <Eigen/Core>
#include <Eigen/LU>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::point;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Numbers of one model and its box, drawn anew for every `seed`.
struct Scene {
  Index d, n;
  SecantPairs pairs;
  Vector diagonal;  // b
  Matrix dense;     // B by the recursion of BFGS from diag(b)
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
    diagonal = draw(d, 1).array().exp();
    dense = diagonal.asDiagonal();
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
  /// P(theta - t D^-1 g) - theta
  Vector path(double t) const {
    return (theta - t * gradient.cwiseQuotient(diagonal)).cwiseMax(lower).cwiseMin(upper) - theta;
  }
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
    const double t = ((g < 0.0 ? scene.upper[i] : scene.lower[i]) - scene.theta[i]) / -g * scene.diagonal[i];
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
    const auto hessian = CompactHessian::of(scene.pairs, scene.diagonal);
    ASSERT_TRUE(hessian);
    for (Index i = 0; i < scene.d; ++i) {
      const Vector unit = Vector::Unit(scene.d, i);
      Vector column = scene.diagonal.cwiseProduct(unit);
      const Vector middle = hessian->middle_times(hessian->transposed_times(unit));
      for (Index j = 0; j < scene.d; ++j) column[j] -= hessian->row(j).dot(middle);
      EXPECT_LT(far(column, scene.dense.col(i)), 1e-10);
    }
  }
}

TEST(CompactHessian, SolvesWithinAnyCoordinates) {
  for (const Scene& scene : scenes()) {
    const auto hessian = CompactHessian::of(scene.pairs, scene.diagonal);
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
  EXPECT_FALSE(CompactHessian::of(pairs, Vector::Ones(2)));
}

TEST(CauchyPoint, IsTheFirstMinimumOnThePathOfSteepestDescent) {
  int bent = 0, inside = 0, stuck = 0;
  for (const Scene& scene : scenes()) {
    const auto hessian = CompactHessian::of(scene.pairs, scene.diagonal);
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
  const auto hessian = CompactHessian::of(scene.pairs, scene.diagonal);
  Vector gradient = Vector::Constant(6, 10.0);
  gradient[2] = -10.0;
  const CauchyPoint found = cauchy_point(*hessian, bounds, scene.theta, gradient);
  EXPECT_TRUE(found.free.empty());
  for (Index i = 0; i < 6; ++i)
    EXPECT_EQ(bounds.moved(scene.theta, found.step, 1.0)[i], i == 2 ? bounds.upper(i) : bounds.lower(i));
}

TEST(SubspaceMinimum, IsThatOfTheModelOverTheFreeCoordinates) {
  for (const Scene& scene : scenes()) {
    const auto hessian = CompactHessian::of(scene.pairs, scene.diagonal);
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
  const Bounds bounds(Vector::Constant(2, -100.0), point({0.1, 100.0}));
  const Vector theta = Vector::Zero(2), gradient = point({-1.0, 0.5});
  const CauchyPoint cauchy{point({0.05, -0.02}), Vector(), {0, 1}};
  const Vector step = step_within(bounds, theta, gradient, cauchy, point({10.0, 1.0}));
  EXPECT_EQ(step[0], 0.1);
  EXPECT_NEAR(step[1], -0.02 + 1.02 * 0.05 / 9.95, 1e-15);
  EXPECT_LT(step.dot(gradient), 0.0);
}

}  // namespace
}  // namespace optex
