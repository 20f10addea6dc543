#include "optex/evaluation/gradient_check.hpp"

#include "optex/core/errors.hpp"
#include "optex/evaluation/serial_evaluator.hpp"

#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

/// F = sum_i (i + 1)/d (exp(theta_i) - theta_i), whose gradient somebody then spoils.
class Spoilt final : public Objective {
 public:
  Spoilt(Index dimension, std::function<void(Vector&)> spoil)
      : dimension_(dimension), spoil_(std::move(spoil)) {}
  Index dimension() const override { return dimension_; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    const Vector weights =
        Vector::LinSpaced(dimension_, 1.0, static_cast<double>(dimension_)) / static_cast<double>(dimension_);
    Vector right = weights.array() * (theta.array().exp() - 1.0);
    spoil_(right);
    gradient = right;
    return (weights.array() * (theta.array().exp() - theta.array())).sum();
  }

 private:
  Index dimension_;
  std::function<void(Vector&)> spoil_;
};

GradientFindings check(Index dimension, const std::function<void(Vector&)>& spoil,
                       const GradientCheckOptions& options = {}) {
  const Spoilt objective(dimension, spoil);
  SerialEvaluator evaluator(objective);
  return check_gradient(evaluator, Vector::LinSpaced(dimension, -0.5, 1.0), options);
}

TEST(GradientCheck, ARightGradientPassesFarBelowTheTolerance) {
  for (const Index dimension : {1, 3, 200, 20000}) {
    const GradientFindings findings = check(dimension, [](Vector&) {});
    EXPECT_TRUE(findings.right()) << dimension;
    EXPECT_LT(findings.worst_error(), 1e-7) << dimension;
    EXPECT_TRUE(findings.worst.empty());
    EXPECT_EQ(findings.gradients, 1 + 4 * 14);
  }
}

TEST(GradientCheck, TheWorstCoordinatesAreNamed) {
  for (const Index dimension : {7, 500, 30000}) {
    const Index first = dimension / 3;
    const Index second = dimension - 1;
    GradientCheckOptions options;
    options.named = 2;
    const GradientFindings findings = check(
        dimension,
        [&](Vector& g) {
          g[first] += 3.0;
          g[second] = -g[second];
        },
        options);
    EXPECT_FALSE(findings.right()) << dimension;
    ASSERT_EQ(findings.worst.size(), 2U);
    std::vector<Index> named{findings.worst[0].coordinate, findings.worst[1].coordinate};
    EXPECT_THAT(named, testing::UnorderedElementsAre(first, second)) << dimension;
    for (const CoordinateFinding& found : findings.worst) {
      const double missing = found.coordinate == first ? 3.0 : 2.0 * found.gradient;
      EXPECT_NEAR(found.gradient - found.difference, missing, 1e-5);
    }
    EXPECT_EQ(findings.common_factor(), 0.0);
  }
}

TEST(GradientCheck, AFactorThatIsWrongEverywhereIsRecognised) {
  const GradientFindings doubled = check(50, [](Vector& g) { g *= 2.0; });
  EXPECT_FALSE(doubled.right());
  EXPECT_NEAR(doubled.common_factor(), 2.0, 1e-6);
  EXPECT_NEAR(check(50, [](Vector& g) { g *= -1.0; }).common_factor(), -1.0, 1e-6);
}

TEST(GradientCheck, AGradientOfZerosIsFoundOutByRandomDirections) {
  const GradientFindings findings = check(50, [](Vector& g) { g.setZero(); });
  EXPECT_EQ(findings.norm, 0.0);
  EXPECT_EQ(findings.directions.size(), 3U);
  EXPECT_FALSE(findings.right());
}

/// F is constant up to a slope that small steps cannot see.
class Flat final : public Objective {
 public:
  Index dimension() const override { return 4; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    gradient.setConstant(1e-6);
    return 1e3 + 1e-6 * theta.sum();
  }
};

TEST(GradientCheck, DifferencesBelowTheResolutionOfValuesDoNotCount) {
  const Flat objective;
  SerialEvaluator evaluator(objective);
  EXPECT_TRUE(check_gradient(evaluator, Vector::Zero(4), {}).right());
}

TEST(GradientCheck, NoiseIsSeenAsRoughnessAndNotAsAWrongGradient) {
  class Rounded final : public Objective {
   public:
    Index dimension() const override { return 4; }
    double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                              VectorRef gradient) const override {
      gradient = theta;
      return std::sin(1e7 * theta.sum()) * 0.1 + theta.squaredNorm() / 2;
    }
  };
  const Rounded objective;
  SerialEvaluator evaluator(objective);
  EXPECT_GT(check_gradient(evaluator, Vector::Constant(4, 0.5), {}).roughness(), 1e-2);
}

TEST(GradientCheck, FailuresAndNanEndIt) {
  class Failing final : public Objective {
   public:
    explicit Failing(bool throws) : throws_(throws) {}
    Index dimension() const override { return 2; }
    double value_and_gradient(ConstVectorRef, const SampleKey&, Index, VectorRef gradient) const override {
      if (throws_) throw std::runtime_error("no");
      gradient.setConstant(std::nan(""));
      return 0.0;
    }

   private:
    bool throws_;
  };
  for (const bool throws : {true, false}) {
    const Failing objective(throws);
    SerialEvaluator evaluator(objective);
    if (throws)
      EXPECT_THROW(check_gradient(evaluator, Vector::Zero(2), {}), EvaluationError);
    else
      EXPECT_THROW(check_gradient(evaluator, Vector::Zero(2), {}), NumericalError);
  }
}

}  // namespace
}  // namespace optex
