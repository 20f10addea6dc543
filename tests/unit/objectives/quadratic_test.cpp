#include "optex/objectives/quadratic.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <numbers>
#include <thread>
#include <vector>

#include "support/gradient_check.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

/// The orthonormal DCT-II as a matrix.
Matrix cosine_matrix(Index d) {
  Matrix C(d, d);
  for (Index k = 0; k < d; ++k)
    for (Index n = 0; n < d; ++n)
      C(k, n) = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(d)) *
                std::cos(std::numbers::pi * static_cast<double>(k * (2 * n + 1) % (4 * d)) /
                         static_cast<double>(2 * d));
  return C;
}

// Lengths with small factors only, with large prime factors (31 and beyond), powers of two, odd and even.
TEST(Quadratic, IsTheDenseMatrixThatItStandsFor) {
  for (const Index d : {2, 3, 4, 5, 7, 8, 30, 31, 32, 37, 64, 74, 97, 100, 202, 211}) {
    const Quadratic objective(d, 1e3);
    Vector spectrum(d), theta(d);
    for (Index i = 0; i < d; ++i) {
      spectrum[i] = std::pow(1e3, -static_cast<double>(i) / static_cast<double>(d - 1));
      theta[i] = std::sin(1.0 + static_cast<double>(i * i));
    }
    const Matrix C = cosine_matrix(d);
    const Vector gradient = C.transpose() * (spectrum.asDiagonal() * (C * theta)) / static_cast<double>(d);
    const test::Total at = test::evaluate(objective, theta);
    EXPECT_LT((at.gradient - gradient).norm(), 1e-13 * gradient.norm()) << d;
    EXPECT_NEAR(at.value, 0.5 * theta.dot(gradient), 1e-13 * at.value) << d;
  }
}

// At the start the spectral coefficients are 1.5 + sin i, so value and gradient norm are sums over the
// spectrum.
TEST(Quadratic, KeepsItsDigitsAtLargeLengths) {
  for (const Index d : {4096, 10007, 100000}) {
    const Quadratic objective(d, 1e4);
    double value = 0, squares = 0;
    for (Index i = 0; i < d; ++i) {
      const double e = std::pow(1e4, -static_cast<double>(i) / static_cast<double>(d - 1));
      const double c = 1.5 + std::sin(static_cast<double>(i));
      value += 0.5 * e * c * c / static_cast<double>(d);
      squares += std::pow(e * c / static_cast<double>(d), 2);
    }
    const test::Total at = test::evaluate(objective, objective.initial_point());
    EXPECT_NEAR(at.value, value, 1e-12 * value) << d;
    EXPECT_NEAR(norm(at.gradient), std::sqrt(squares), 1e-12 * std::sqrt(squares)) << d;
  }
}

// The largest eigenvalue belongs to constant vectors: e_0 = 1.
TEST(Quadratic, ConditionIsTheRatioOfCurvatures) {
  const Index d = 50;
  const Quadratic objective(d, 100.0);
  EXPECT_NEAR(
      norm(test::evaluate(objective, Vector::Ones(d)).gradient) * d / std::sqrt(static_cast<double>(d)), 1.0,
      1e-13);
  const Vector roughest = cosine_matrix(d).row(d - 1);
  EXPECT_NEAR(norm(test::evaluate(objective, roughest).gradient) * d, 0.01, 1e-15);
}

TEST(Quadratic, MayBeEvaluatedByTwoThreads) {
  const Quadratic objective(1009);
  const Vector start = objective.initial_point();
  const test::Total expected = test::evaluate(objective, start);
  std::vector<test::Total> results(2);
  {
    std::vector<std::jthread> threads;
    for (test::Total& result : results)
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) result = test::evaluate(objective, start);
      });
  }
  for (const test::Total& result : results) {
    EXPECT_EQ(result.value, expected.value);
    EXPECT_EQ(result.gradient, expected.gradient);
  }
}

TEST(Quadratic, RefusesBadOptions) {
  EXPECT_THROW(Quadratic(10, 0.5), UsageError);
  EXPECT_THROW(Quadratic(10, std::nan("")), UsageError);
  EXPECT_THROW(Quadratic(10, INFINITY), UsageError);
  EXPECT_THROW(Quadratic(Index{1} << 40), UsageError);
}

}  // namespace
}  // namespace optex
