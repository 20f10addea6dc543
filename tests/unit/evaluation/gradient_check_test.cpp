#include "optex/evaluation/gradient_check.hpp"

#include "optex/core/errors.hpp"
#include "optex/evaluation/serial_evaluator.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
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
    EXPECT_LE(findings.gradients, 1 + 4 * 6 + 2 * 16) << dimension;  // three steps do, or nearly
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
  class Noise final : public Objective {
   public:
    Index dimension() const override { return 4; }
    double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                              VectorRef gradient) const override {
      gradient = theta;
      std::uint64_t bits = std::bit_cast<std::uint64_t>(theta.sum()) * 0x9E3779B97F4A7C15U;
      bits ^= bits >> 29U;
      return 0.1 * static_cast<double>(bits % 1000U) / 1000.0 + theta.squaredNorm() / 2;
    }
  };
  const Noise objective;
  SerialEvaluator evaluator(objective);
  GradientCheckOptions options;
  options.bounds = Bounds(Vector::Constant(4, -1.0), Vector::Constant(4, 1.0));
  const GradientFindings findings = check_gradient(evaluator, Vector::Constant(4, 0.5), options);
  EXPECT_TRUE(findings.right());
  EXPECT_GT(findings.roughness(), 1e-2);
}

/// F = sum_i (cosh(t_i - 1/2) + t_i^3 / 3), or log(1 + 4 (t_i - 1/2)^2), which is flat far away; t = theta /
/// size, computed as somebody's program would. The gradient is told `wrong` times too large.
struct Trait {
  std::string name;
  bool single_precision = false;
  double constant = 0.0;
  double smallest = 1.0, largest = 1.0;  ///< sizes of coordinates, between which they go geometrically
  bool flat = false;
  friend void PrintTo(const Trait& trait, std::ostream* out) { *out << trait.name; }
};

template <class Number>
class Written final : public Objective {
 public:
  Written(Index dimension, const Trait& trait, double wrong)
      : trait_(trait), wrong_(wrong), sizes_(dimension) {
    for (Index i = 0; i < dimension; ++i)
      sizes_[i] = trait.smallest *
                  std::pow(trait.largest / trait.smallest,
                           static_cast<double>(i) / static_cast<double>(std::max<Index>(1, dimension - 1)));
  }
  Index dimension() const override { return sizes_.size(); }
  Vector start() const {
    Vector theta = sizes_;
    for (Index i = 0; i < theta.size(); ++i) theta[i] *= 1.0 + 0.5 * std::sin(static_cast<double>(i));
    return theta;
  }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    auto sum = static_cast<Number>(trait_.constant);
    for (Index i = 0; i < theta.size(); ++i) {
      const auto size = static_cast<Number>(sizes_[i]);
      const Number t = static_cast<Number>(theta[i]) / size;
      const auto half = static_cast<Number>(0.5);
      const Number u = 4 * (t - half) * (t - half) + 1;
      sum += trait_.flat ? std::log(u) : std::cosh(t - half) + t * t * t / 3;
      gradient[i] = wrong_ * static_cast<double>(
                                 (trait_.flat ? 8 * (t - half) / u : std::sinh(t - half) + t * t) / size);
    }
    return static_cast<double>(sum);
  }

 private:
  Trait trait_;
  double wrong_;
  Vector sizes_;
};

class AnyObjective : public testing::TestWithParam<Trait> {
 protected:
  static GradientFindings checked(Index dimension, double wrong, std::uint64_t seed, bool elsewhere) {
    const GradientCheckOptions options{.named = 0, .seed = seed};
    const auto with = [&](const auto& objective) {
      SerialEvaluator evaluator(objective);
      const Vector start = objective.start();
      return check_gradient(evaluator, elsewhere ? point_elsewhere(start, {}, seed, 1, 0.3) : start, options);
    };
    if (GetParam().single_precision) return with(Written<float>(dimension, GetParam(), wrong));
    return with(Written<double>(dimension, GetParam(), wrong));
  }
};

TEST_P(AnyObjective, ARightGradientPassesAndOneThatIsOnePerCentWrongDoesNot) {
  for (const Index dimension : {1, 2, 10, 300}) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      for (const bool elsewhere : {false, true}) {
        EXPECT_TRUE(checked(dimension, 1.0, seed, elsewhere).right()) << dimension << " " << seed;
        // Elsewhere the slope may be below what values with four digits behind the point can show.
        const bool shows = !elsewhere || GetParam().constant < 1e6;
        for (const double wrong : shows ? std::vector{1.01, 0.99, 1.06, 0.94} : std::vector<double>{})
          EXPECT_FALSE(checked(dimension, wrong, seed, elsewhere).right())
              << dimension << " " << seed << " " << wrong;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    GradientCheck, AnyObjective,
    testing::Values(Trait{"plain"}, Trait{"single", true}, Trait{"shifted", false, 1e12},
                    Trait{"mixed", false, 0.0, 1e-9, 1e9}, Trait{"tiny", false, 0.0, 1e-9, 1e-9},
                    Trait{"huge", false, 0.0, 1e9, 1e9}, Trait{"single_mixed", true, 0.0, 1e-9, 1e9},
                    Trait{"single_shifted", true, 100.0}, Trait{"flat", false, 0.0, 1.0, 1.0, true},
                    Trait{"flat_single", true, 0.0, 1.0, 1.0, true},
                    Trait{"flat_shifted", false, 1e9, 1.0, 1.0, true},
                    Trait{"flat_mixed", false, 0.0, 1e-9, 1e9, true}),
    [](const auto& trait) { return trait.param.name; });

TEST(GradientCheck, ACoordinateThatIsNearlyZeroByChanceIsLookedAtToo) {
  const auto error_at_5 = [](Vector& g) { g[5] += 1.0; };
  const Spoilt objective(20, error_at_5);
  SerialEvaluator evaluator(objective);
  Vector theta = Vector::LinSpaced(20, -0.5, 1.0);
  theta[5] = 1e-19;
  EXPECT_FALSE(check_gradient(evaluator, theta, {}).right());
}

/// Ends the test when it is asked outside of a box.
class Boxed final : public Objective {
 public:
  explicit Boxed(Bounds bounds, double wrong = 1.0) : bounds_(std::move(bounds)), wrong_(wrong) {}
  Index dimension() const override { return 3; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    EXPECT_TRUE(bounds_.contains(theta)) << theta.transpose();
    gradient = wrong_ * (3.0 * theta.array().square() + 1.0);
    return theta.array().cube().sum() + theta.sum();
  }

 private:
  Bounds bounds_;
  double wrong_;
};

TEST(GradientCheck, NothingIsEvaluatedOutsideTheBox) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Bounds bounds((Vector(3) << 0.0, 2.0, 7.0).finished(), (Vector(3) << 1e-3, infinity, 7.0).finished());
  GradientCheckOptions options;
  options.bounds = bounds;
  const Vector corner = (Vector(3) << 0.0, 2.0, 7.0).finished();
  for (const double wrong : {1.0, 1.06}) {
    const Boxed objective(bounds, wrong);
    SerialEvaluator evaluator(objective);
    const GradientFindings at_corner = check_gradient(evaluator, corner, options);
    EXPECT_EQ(at_corner.moved, 2);
    EXPECT_EQ(at_corner.right(), wrong == 1.0);
    const Vector elsewhere = point_elsewhere(corner, bounds, 1, 1);
    EXPECT_EQ(check_gradient(evaluator, elsewhere, options).right(), wrong == 1.0);
  }
}

TEST(GradientCheck, StepsThatLeaveTheDomainAreLeftOut) {
  class Logarithm final : public Objective {
   public:
    Index dimension() const override { return 2; }
    double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                              VectorRef gradient) const override {
      if (theta.minCoeff() < 0.9999) throw InfeasiblePoint("negative");
      gradient = (theta.array() - 0.9998).inverse();
      return (theta.array() - 0.9998).log().sum();
    }
  };
  const Logarithm objective;
  SerialEvaluator evaluator(objective);
  EXPECT_TRUE(check_gradient(evaluator, Vector::Ones(2), {}).right());
}

TEST(PointElsewhere, FollowsBoundsAndSizes) {
  const Bounds bounds((Vector(2) << -1.0, -1e30).finished(), (Vector(2) << 3.0, 1e30).finished());
  const Vector start = (Vector(2) << 0.0, 1e-9).finished();
  Vector least = start;
  Vector most = start;
  for (Index number = 1; number <= 50; ++number) {
    const Vector point = point_elsewhere(start, bounds, 7, number);
    EXPECT_TRUE(bounds.contains(point));
    least = least.cwiseMin(point);
    most = most.cwiseMax(point);
  }
  EXPECT_LT(least[0], -0.5);
  EXPECT_GT(most[0], 2.5);
  EXPECT_LT(most[1], 1e-8);
  EXPECT_GT(most[1], 1.5e-9);
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
