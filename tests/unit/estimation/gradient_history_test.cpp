#include "optex/estimation/gradient_history.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace optex {
namespace {

Vector wave(Index d, double phase) {
  Vector v(d);
  for (Index i = 0; i < d; ++i) v[i] = std::sin(0.37 * static_cast<double>(i) + phase);
  return v;
}

void fill(GradientHistory& history, int first, int last) {
  for (int k = first; k < last; ++k) {
    const double p = static_cast<double>(k);
    history.append(wave(history.dimension(), p), wave(history.dimension(), 2.5 * p), 10.0 * p, k);
  }
}

TEST(GradientHistory, KeepsTheNewestInOrderOfAge) {
  GradientHistory history(5, 3);
  fill(history, 0, 7);
  ASSERT_EQ(history.size(), 3);
  for (Index i = 0; i < 3; ++i) {
    EXPECT_EQ(history.theta(i), wave(5, 4.0 + static_cast<double>(i)));
    EXPECT_EQ(history.gradient(i), wave(5, 2.5 * (4.0 + static_cast<double>(i))));
    EXPECT_EQ(history.value(i), 40.0 + 10.0 * static_cast<double>(i));
    EXPECT_EQ(history.iteration(i), 4 + i);
  }
}

// Dimensions about the width of a tile: 1, less, exactly one, one more, several.
class HistoryDimension : public testing::TestWithParam<Index> {};

TEST_P(HistoryDimension, TablesAreThePairwiseProductsOfDifferences) {
  GradientHistory history(GetParam(), 4);
  fill(history, 0, 6);
  const Matrix theta = history.squared_distances();
  const Matrix gradient = history.squared_gradient_distances();
  Vector to(4);
  history.squared_distances_to(wave(GetParam(), 0.1), to);
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 4; ++j) {
      const Vector x = history.theta(i) - history.theta(j);
      const Vector g = history.gradient(i) - history.gradient(j);
      EXPECT_NEAR(theta(i, j), x.squaredNorm(), 1e-12 * (1 + x.squaredNorm()));
      EXPECT_NEAR(gradient(i, j), g.squaredNorm(), 1e-12 * (1 + g.squaredNorm()));
    }
    EXPECT_NEAR(history.squared_theta_norms()[i], history.theta(i).squaredNorm(), 1e-11);
    EXPECT_NEAR(history.squared_gradient_norms()[i], history.gradient(i).squaredNorm(), 1e-11);
    const Vector x = wave(GetParam(), 0.1) - history.theta(i);
    EXPECT_NEAR(to[i], x.squaredNorm(), 1e-12 * (1 + x.squaredNorm()));
  }
}

TEST_P(HistoryDimension, CombinationsAreWeightedSums) {
  GradientHistory history(GetParam(), 4);
  fill(history, 0, 5);
  Vector weights(4);
  weights << 0.5, -2.0, 3.0, 0.25;
  Vector plain(GetParam()), about(GetParam());
  history.field({weights, false}, plain);
  history.field({weights, true}, about);
  Vector expected = Vector::Zero(GetParam()), expected_about = history.gradient(3);
  for (Index i = 0; i < 4; ++i) {
    expected += weights[i] * history.gradient(i);
    expected_about += weights[i] * (history.gradient(i) - history.gradient(3));
  }
  EXPECT_LT((plain - expected).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_LT((about - expected_about).cwiseAbs().maxCoeff(), 1e-14);
}

TEST_P(HistoryDimension, ProductsAboutTheNewest) {
  GradientHistory history(GetParam(), 4);
  fill(history, 0, 6);
  const Vector v = wave(GetParam(), 0.4);
  Vector with_theta(4), with_gradient(4), sum(GetParam());
  history.products_about_newest(v, with_theta, with_gradient);
  const Matrix cross = history.cross_products_about_newest();
  const Vector a = Vector::LinSpaced(4, -1.0, 1.0), b = Vector::LinSpaced(4, 0.3, 2.0);
  sum.setZero();
  history.add_combinations(a, b, {sum.data()});
  for (Index i = 0; i < 4; ++i) {
    const Vector x = history.theta(i) - history.theta(3);
    EXPECT_NEAR(with_theta[i], v.dot(x), 1e-11);
    EXPECT_NEAR(with_gradient[i], v.dot(history.gradient(i) - history.gradient(3)), 1e-11);
    for (Index j = 0; j < 4; ++j)
      EXPECT_NEAR(cross(i, j), x.dot(history.gradient(j) - history.gradient(3)), 1e-11) << i << " " << j;
    sum -= a[i] * x + b[i] * (history.gradient(i) - history.gradient(3));
  }
  EXPECT_LT(sum.cwiseAbs().maxCoeff(), 1e-14);
}

INSTANTIATE_TEST_SUITE_P(All, HistoryDimension, testing::Values(1, 7, 1024, 1025, 5000));

TEST(GradientHistory, ARestoredHistoryHasTheSameBits) {
  GradientHistory history(1500, 5);
  fill(history, 0, 13);
  GradientHistory restored(1500, 5);
  for (Index i = 0; i < history.size(); ++i)
    restored.append(history.theta(i), history.gradient(i), history.value(i), history.iteration(i));
  EXPECT_EQ(restored.squared_distances(), history.squared_distances());
  EXPECT_EQ(restored.squared_gradient_distances(), history.squared_gradient_distances());
  EXPECT_EQ(restored.cross_products_about_newest(), history.cross_products_about_newest());
  Vector weights = Vector::LinSpaced(5, -1.0, 2.0);
  Vector a(1500), b(1500);
  history.field({weights, true}, a);
  restored.field({weights, true}, b);
  EXPECT_EQ(a, b);
  fill(history, 13, 15);
  fill(restored, 13, 15);
  EXPECT_EQ(restored.squared_distances(), history.squared_distances());
}

TEST(GradientHistory, DistancesSurviveConvergence) {
  // Iterates that agree to 1e-9 relative: inner products about the origin would leave only noise.
  GradientHistory history(100, 3);
  const Vector base = wave(100, 0.3) * 1e3;
  for (int k = 0; k < 3; ++k) history.append(base + wave(100, k) * 1e-6, wave(100, k), 0.0, k);
  const double exact = ((wave(100, 0) - wave(100, 2)) * 1e-6).squaredNorm();
  EXPECT_NEAR(history.squared_distances()(0, 2) / exact, 1.0, 1e-6);
}

}  // namespace
}  // namespace optex
