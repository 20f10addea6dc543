// Length units learnt from the gradients, and a history looked at in them.
#include "optex/estimation/balanced_units.hpp"

#include "optex/estimation/history_in_units.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr Index d = 700;  // more than one block of coordinates, and the last one is not full

Vector wave(Index entry) {
  Vector theta(d);
  for (Index c = 0; c < d; ++c)
    theta[c] = std::sin(0.7 * static_cast<double>(c) + 1.3 * static_cast<double>(entry * entry + 1));
  return theta;
}

/// Entries of a quadratic with a diagonal Hessian.
GradientHistory quadratic_history(const Vector& hessian, Index capacity, Index entries) {
  GradientHistory history(d, capacity);
  for (Index i = 0; i < entries; ++i) {
    const Vector theta = wave(i);
    history.append(theta, hessian.cwiseProduct(theta), 0.0, i);
  }
  return history;
}

Vector spread_hessian() {
  Vector hessian(d);
  for (Index c = 0; c < d; ++c) hessian[c] = std::pow(10.0, 2.0 * static_cast<double>(c) / d - 1.0);
  return hessian;
}

TEST(BalancedUnits, MakeTheHessianOfASeparableQuadraticNearlyTheIdentity) {
  const Vector hessian = spread_hessian();
  const Units units = balanced_units(quadratic_history(hessian, 8, 6));
  const Vector scale = units.gradient(Vector::Ones(d));
  const Vector in_units = hessian.cwiseProduct(scale).cwiseProduct(scale);
  // 100 before; the sums' lower bound keeps the smallest from being told apart.
  EXPECT_LT(in_units.maxCoeff() / in_units.minCoeff(), 2.0);
  double logarithm = 0.0;
  for (const double s : scale) logarithm += std::log(s);
  EXPECT_NEAR(logarithm / d, 0.0, 1e-12);
}

TEST(BalancedUnits, HaveBounds) {
  Vector hessian = Vector::Constant(d, 1.0);
  hessian[3] = 1e12;  // its gradient outweighs all others
  const Units units = balanced_units(quadratic_history(hessian, 8, 6));
  const Vector scale = units.gradient(Vector::Ones(d));
  EXPECT_LE(scale.maxCoeff(), 100.0);
  EXPECT_GE(scale.minCoeff(), 0.01);
}

TEST(BalancedUnits, AreNoneWhereNothingVaries) {
  GradientHistory history(d, 4);
  history.append(wave(0), wave(1), 0.0, 0);
  EXPECT_TRUE(balanced_units(history).none());
  history.append(wave(0), wave(1), 0.0, 1);
  EXPECT_TRUE(balanced_units(history).none());
  history.append(wave(2), wave(1), 0.0, 2);  // the gradient is the same everywhere
  EXPECT_TRUE(balanced_units(history).none());
}

TEST(HistoryInUnits, IsTheHistoryOfTheScaledEntries) {
  Vector scale(d);
  for (Index c = 0; c < d; ++c) scale[c] = 1.0 + 0.9 * std::sin(static_cast<double>(c));
  const Units units(scale);
  GradientHistory stored(d, 5), scaled(d, 5);
  PairDistances distances;
  for (Index i = 0; i < 9; ++i) {  // the oldest leave
    const Vector theta = wave(i), gradient = wave(i + 20);
    stored.append(theta, gradient, 0.0, i);
    scaled.append(units.position(theta), units.gradient(gradient), 0.0, i);
    add_newcomers(stored, units, 1, distances);
  }
  PairDistances at_once;
  add_newcomers(stored, units, stored.size(), at_once);
  EXPECT_LT((at_once.thetas - distances.thetas).norm(), 1e-12 * distances.thetas.norm());
  EXPECT_LT((at_once.gradients - distances.gradients).norm(), 1e-12 * distances.gradients.norm());

  const HistoryInUnits view(stored, units, distances);
  const auto expect_close = [](const Matrix& a, const Matrix& b) {
    EXPECT_LT((a - b).norm(), 1e-12 * (1.0 + b.norm()));
  };
  EXPECT_EQ(view.size(), 5);
  EXPECT_EQ(view.theta(2), scaled.theta(2));
  EXPECT_EQ(view.gradient(4), scaled.gradient(4));
  expect_close(view.squared_distances(), scaled.squared_distances());
  expect_close(view.squared_gradient_distances(), scaled.squared_gradient_distances());
  expect_close(view.cross_products(), scaled.cross_products());
  expect_close(view.cross_products_about_newest(), scaled.cross_products_about_newest());

  const Vector v = wave(50), a = wave(51).head(5), b = wave(52).head(5);
  Vector out(d), expected(d), x(5), r(5), expected_x(5), expected_r(5);
  view.combine_about_newest(a, b, out);
  scaled.combine_about_newest(a, b, expected);
  expect_close(out, expected);
  view.products_about_newest(v, x, r);
  scaled.products_about_newest(v, expected_x, expected_r);
  expect_close(x, expected_x);
  expect_close(r, expected_r);
  view.squared_distances_to(view.theta(1), x);
  scaled.squared_distances_to(scaled.theta(1), expected_x);
  expect_close(x, expected_x);
  EXPECT_EQ(x[1], 0.0);
}

TEST(HistoryInUnits, WithoutUnitsIsTheHistoryItself) {
  const GradientHistory stored = quadratic_history(spread_hessian(), 4, 4);
  const HistoryInUnits view = stored;
  EXPECT_EQ(view.squared_distances(), stored.squared_distances());
  EXPECT_EQ(view.theta(0), stored.theta(0));
}

}  // namespace
}  // namespace optex
