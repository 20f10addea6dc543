#include "optex/surrogate/quadratic_model.hpp"

#include <cmath>
#include <optional>

#include "support/made_up_matrix.hpp"
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::made_up;

/// A function whose Hessian has the eigenvalues 1 .. m.
Matrix hessian_of(Index m) {
  const Matrix turn = Eigen::HouseholderQR<Matrix>(made_up(m, m)).householderQ();
  return turn * Vector::LinSpaced(m, 1.0, static_cast<double>(m)).asDiagonal() * turn.transpose();
}

/// n pairs of it, a little way from the best point.
PairsInSpan pairs_of(const Matrix& hessian, Index n) {
  const Index m = hessian.rows();
  PairsInSpan pairs;
  pairs.steps = made_up(n, m);
  pairs.changes = pairs.steps * hessian;
  pairs.middles = 1e-3 * made_up(m, n);
  pairs.step_step = pairs.steps * pairs.steps.transpose();
  pairs.step_change = pairs.steps * pairs.changes.transpose();
  return pairs;
}

TEST(QuadraticModel, KnowsAQuadraticFunctionByAsManyPairsAsDimensions) {
  const Matrix hessian = hessian_of(12);
  const QuadraticModel model(pairs_of(hessian, 17), {.value = 3.0}, {}, std::nullopt);
  const Vector gradient = made_up(12, 1);
  const Vector newton = hessian.ldlt().solve(gradient);
  EXPECT_LT((model.hessian().solve(gradient) - newton).norm(), 1e-4 * newton.norm());
}

TEST(QuadraticModel, KnowsWhatFewerPairsSayAndGuessesTheRest) {
  const Matrix hessian = hessian_of(30);
  const PairsInSpan pairs = pairs_of(hessian, 9);
  const QuadraticModel model(pairs, {.value = 3.0}, {}, std::nullopt);
  EXPECT_TRUE(model.knows_directions());
  for (Index i = 0; i < 9; ++i) {
    const Vector step = pairs.steps.row(i), change = pairs.changes.row(i);
    EXPECT_LT((model.hessian().solve(change) - step).norm(), 1e-4 * step.norm());
    EXPECT_NEAR(model.hessian().squared_length(step) / step.dot(change), 1.0, 1e-4);
  }
  // Orthogonal to all of them, and to their changes.
  Matrix all(30, 18);
  all << pairs.steps.transpose(), pairs.changes.transpose();
  const Matrix basis = Eigen::HouseholderQR<Matrix>(all).householderQ();
  EXPECT_NEAR(model.hessian().squared_length(basis.col(25)), model.hessian().outside(), 1e-8);
}

TEST(QuadraticModel, IsTheSameWhereStepsReachSomeDimensionsOnly) {
  const Matrix hessian = hessian_of(40);
  const Vector gradient = made_up(40, 1);
  for (const Index n : {9, 30}) {  // fewer and more than the dimensions that they reach
    PairsInSpan pairs = pairs_of(hessian, n);
    pairs.steps.rightCols(28).setZero();
    pairs.middles.bottomRows(28).setZero();
    pairs.changes = pairs.steps * hessian;
    pairs.step_step = pairs.steps * pairs.steps.transpose();
    pairs.step_change = pairs.steps * pairs.changes.transpose();
    const QuadraticModel all(pairs, {.value = 3.0}, {}, std::nullopt);
    pairs.steps.conservativeResize(Eigen::NoChange, 12);
    pairs.middles.conservativeResize(12, Eigen::NoChange);
    const QuadraticModel some(pairs, {.value = 3.0}, {}, std::nullopt);
    const Vector newton = all.hessian().solve(gradient);
    EXPECT_LT((some.hessian().solve(gradient) - newton).norm(), 1e-5 * newton.norm()) << n;
    const double radius = 0.3 * std::sqrt(all.hessian().squared_length(newton));
    const Vector step = DampedSteps(all.hessian(), gradient).within(radius);
    EXPECT_LT((DampedSteps(some.hessian(), gradient).within(radius) - step).norm(), 1e-5 * step.norm()) << n;
  }
}

// The first pass looks at the newest pairs alone; the second knows all.
TEST(QuadraticModel, KnowsOldPairsThatTheFirstPassDoesNotLookAt) {
  const Matrix hessian = hessian_of(60);
  const PairsInSpan pairs = pairs_of(hessian, 40);
  ModelRules rules;
  rules.rough_pairs = 12;
  const QuadraticModel model(pairs, {.value = 3.0}, rules, std::nullopt);
  for (Index i = 0; i < 40; ++i) {
    const Vector step = pairs.steps.row(i), change = pairs.changes.row(i);
    EXPECT_LT((model.hessian().solve(change) - step).norm(), 1e-3 * step.norm()) << i;
  }
}

TEST(QuadraticModel, IsItsMetricWherePairsAreWorthNothing) {
  PairsInSpan pairs = pairs_of(hessian_of(30), 4);
  pairs.middles *= 1e12;
  pairs.changes = made_up(4, 30) + 3.0 * pairs.steps;  // no Hessian has these
  pairs.step_change = pairs.steps * pairs.changes.transpose();
  const QuadraticModel model(pairs, {.value = 3.0}, {}, std::nullopt);
  EXPECT_FALSE(model.knows_directions());
  const Vector last = pairs.steps.row(3), change = pairs.changes.row(3);
  EXPECT_LT((model.hessian().solve(change) - last).norm(), 1e-9 * last.norm());  // as BFGS
}

TEST(DampedSteps, SolveTheDampedEquationsAtTheirRadius) {
  const Matrix hessian = hessian_of(30);
  for (const Index known : {1, 11, 30}) {
    // Directions that diagonalise it among them.
    const Matrix some = made_up(30, known);
    const Eigen::SelfAdjointEigenSolver<Matrix> inner(some.transpose() * hessian * some);
    const Matrix directions = some * inner.eigenvectors();
    const CompletedHessian completed(directions, hessian * directions, inner.eigenvalues(), 0.7);
    const Matrix inverse = [&] {
      Matrix columns(30, 30);
      for (Index i = 0; i < 30; ++i) columns.col(i) = completed.solve(Vector::Unit(30, i));
      return columns;
    }();
    const Vector gradient = made_up(30, 1);
    DampedSteps steps(completed, gradient);
    EXPECT_LT((inverse * gradient + steps.newton()).norm(), 1e-10 * steps.newton().norm());
    EXPECT_EQ(steps.within(1.1 * steps.newton_length()), steps.newton());
    for (const double share : {0.9999, 0.9, 0.1, 1e-3, 1e-7}) {
      const Vector step = steps.within(share * steps.newton_length());
      EXPECT_NEAR(std::sqrt(completed.squared_length(step)) / (share * steps.newton_length()), 1.0, 1e-9);
      // B p + g = -mu p: with B^-1 a least-squares mu, and nothing left.
      const Vector apart = steps.newton() - step, back = inverse * step;
      const double mu = apart.dot(back) / back.squaredNorm();
      EXPECT_GT(mu, 0.0);
      EXPECT_LT((apart - mu * back).norm(), 1e-8 * apart.norm()) << known << ' ' << share;
    }
  }
}

/// As a posterior has them where pairs contradict each other far beyond their noise.
TEST(CompletedHessian, KeepsItsFormAndItsInverseTogetherWhereImagesDisagree) {
  const Matrix directions = made_up(30, 11);
  const Matrix images = hessian_of(30) * directions + 0.3 * made_up(30, 11);
  const CompletedHessian completed(directions, images, Vector::Constant(11, 2.0), 0.7);
  const Vector gradient = made_up(30, 1);
  const Vector newton = completed.solve(gradient);
  EXPECT_NEAR(completed.squared_length(newton) / gradient.dot(newton), 1.0, 1e-9);
  EXPECT_LT((completed.directions().transpose() * completed.images() - Matrix(2.0 * Matrix::Identity(11, 11)))
                .cwiseAbs()
                .maxCoeff(),
            1e-9);
  DampedSteps steps(completed, gradient);
  for (const double share : {0.9, 0.1, 1e-3}) {
    const Vector step = steps.within(share * steps.newton_length());
    EXPECT_NEAR(std::sqrt(completed.squared_length(step)) / (share * steps.newton_length()), 1.0, 1e-9);
    EXPECT_LT(gradient.dot(step), 0.0);
  }
}

}  // namespace
}  // namespace optex
