#include "optex/methods/learnt_diagonal.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/lbfgs.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "formula.hpp"
#include "support/smooth_functions.hpp"
#include <Eigen/Core>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::FunctionObjective;

/// `pushed` pairs of a quadratic with this Hessian, along random steps.
SecantPairs pairs_of(const Matrix& hessian, Index capacity, int pushed) {
  std::mt19937 generator(7);
  std::normal_distribution<double> normal;
  SecantPairs pairs(hessian.rows(), capacity);
  for (int k = 0; k < pushed; ++k) {
    const Vector step = Vector::NullaryExpr(hessian.rows(), [&] { return normal(generator); });
    pairs.push(step, hessian * step);
  }
  return pairs;
}

LearntDiagonal learnt_from(const SecantPairs& pairs) {
  LearntDiagonal matrix;
  for (Index age = pairs.size() - 1; age >= 0; --age) matrix.learn(pairs.step(age), pairs.change(age));
  return matrix;
}

Vector ascending(Index d, double condition) {
  return Vector::NullaryExpr(
      d, [=](Index i) { return std::pow(condition, static_cast<double>(i) / static_cast<double>(d - 1)); });
}

// The diagonals of Broyden's update of the matrix diag(b) itself, 7/8 BFGS and 1/8 DFP.
TEST(LearntDiagonal, IsBroydensUpdateOfADiagonalMatrixPairByPair) {
  const Index d = 70;  // not a multiple of the lanes of a sum
  const Matrix root = Matrix::Random(d, d);
  const Matrix hessian = root * root.transpose() + Matrix::Identity(d, d);
  const SecantPairs pairs = pairs_of(hessian, 5, 8);
  Vector b;
  for (Index age = 4; age >= 0; --age) {
    const Vector s = pairs.step(age), y = pairs.change(age);
    const double rho = s.dot(y);
    if (age == 4) b = Vector::Constant(d, y.squaredNorm() / rho);
    const Matrix dense = b.asDiagonal();
    const Vector bs = dense * s;
    const Matrix away = Matrix::Identity(d, d) - y * s.transpose() / rho;
    const Matrix bfgs = dense + y * y.transpose() / rho - bs * bs.transpose() / s.dot(bs);
    const Matrix dfp = away * dense * away.transpose() + y * y.transpose() / rho;
    b = (0.875 * bfgs + 0.125 * dfp).diagonal();
    b *= y.cwiseQuotient(b).dot(y) / rho;
  }
  EXPECT_LT((learnt_from(pairs).entries - b).norm(), 1e-12 * b.norm());
}

TEST(LearntDiagonal, SaysWhetherItTellsMoreThanAMultipleOfI) {
  const SecantPairs alike = pairs_of(3.0 * Matrix::Identity(40, 40), 6, 6);
  EXPECT_LT((learnt_from(alike).entries - Vector::Constant(40, 3.0)).norm(), 1e-12);
  EXPECT_FALSE(learnt_from(alike).tells_more_by(0.01));
  // Axes that have nothing to do with the coordinates.
  const Matrix root = Matrix::Random(40, 40);
  EXPECT_FALSE(learnt_from(pairs_of(root * root.transpose(), 20, 20)).tells_more_by(0.1));
  EXPECT_TRUE(learnt_from(pairs_of(ascending(40, 1e3).asDiagonal(), 20, 20)).tells_more_by(0.1));
  EXPECT_FALSE(LearntDiagonal().tells_more_by(0.0));
}

// The steps of an optimiser are long where F curves little.
TEST(LearntDiagonal, ApproachesADiagonalHessian) {
  const Vector curvature = ascending(30, 1e6);
  const Vector unit = curvature.cwiseSqrt().cwiseInverse();
  SecantPairs pairs = pairs_of(Matrix::Identity(30, 30), 60, 60);
  pairs.steps = unit.asDiagonal() * pairs.steps;
  pairs.changes = curvature.asDiagonal() * pairs.steps;
  const LearntDiagonal matrix = learnt_from(pairs);
  EXPECT_TRUE(matrix.tells_more_by(0.1));
  EXPECT_LT((matrix.entries.array() / curvature.array()).log().abs().maxCoeff(), std::log(3.0));
}

TEST(LearntDiagonal, StaysPositiveAndFinite) {
  LearntDiagonal matrix;
  matrix.learn(test::point({1.0, 1e-9, 1e-200}), test::point({1.0, 0.0, 0.0}));
  matrix.learn(test::point({1e-3, 0.0, 1e-200}), test::point({1e6, 0.0, 1e-200}));
  EXPECT_EQ(matrix.pairs, 2);
  EXPECT_TRUE((matrix.entries.array() > 0.0).all() && matrix.entries.allFinite());
  // s and y are orthogonal up to rounding, y'y overflows: these teach nothing.
  matrix.learn(test::point({1.0, 1.0, 0.0}), test::point({1.0, -1.0, 0.0}));
  matrix.learn(test::point({1e160, 0.0, 0.0}), test::point({1e-150, 1e200, 0.0}));
  EXPECT_EQ(matrix.pairs, 2);
}

/// sum over i of c_i (x_i^2 / 2 + x_i^4 / 24) + (x_i - x_{i+1})^2 / 100: coordinates of very different units.
FunctionObjective units(Index d) {
  const Vector curvature = ascending(d, 1e6);
  return {Vector::Constant(d, 0.9), [=](const Vector& x, Vector& g) {
            double f = 0.0;
            g.setZero();
            for (Index i = 0; i < d; ++i) {
              f += curvature[i] * x[i] * x[i] * (0.5 + x[i] * x[i] / 24.0);
              g[i] += curvature[i] * x[i] * (1.0 + x[i] * x[i] / 6.0);
              if (i + 1 == d) continue;
              const double step = x[i] - x[i + 1];
              f += 0.01 * step * step;
              g[i] += 0.02 * step;
              g[i + 1] -= 0.02 * step;
            }
            return f;
          }};
}

int rounds_to(double gap, const Bounds& bounds) {
  const FunctionObjective objective = units(60);
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {.memory = 40, .bounds = bounds});
  RunState run = method.initial_state(objective.initial_point());
  while (run.iteration < 400 && !method.finished(run) && !(run.best.value <= gap)) method.iterate(run);
  return static_cast<int>(run.iteration);
}

// From y'y / s'y of the newest pair it takes more than 400.
// Else a checkpoint would hold what no program takes for a diagonal.
TEST(LearntDiagonal, KeepsItsSmallestEntriesPositive) {
  LearntDiagonal matrix{.pairs = 1, .entries = Vector{{1.0, 1.0, std::numeric_limits<double>::denorm_min()}}};
  matrix.learn(Vector{{1.0, 1.0, 0.0}},
               Vector{{1.0, -0.99, 0.0}});  // all entries become 0.08 of what they were
  EXPECT_EQ(matrix.pairs, 2);
  EXPECT_TRUE(matrix.is_whole(3)) << matrix.entries;
}

TEST(LearntDiagonal, SparesLbfgsTheUnitsOfTheCoordinates) {
  const int alone = rounds_to(1e-6, {});
  EXPECT_LT(alone, 150);
  // Limits that nothing meets change nothing.
  EXPECT_EQ(rounds_to(1e-6, {Vector::Constant(60, -1e9), Vector::Constant(60, 1e9)}), alone);
}

}  // namespace
}  // namespace optex
