#include "optex/objectives/heat_inversion.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <limits>

#include "support/gradient_check.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::evaluate;
using testing::HasSubstr;

HeatInversionOptions small() {
  HeatInversionOptions options;
  options.columns = 9;
  options.rows = 7;
  options.sources = 5;
  options.sensors = 4;
  options.weight = 1e-3;
  options.seed = 11;
  return options;
}

/// A field that is nowhere near the start or the truth.
Vector bumpy(Index d, double centre) {
  Vector theta(d);
  for (Index i = 0; i < d; ++i) theta[i] = centre + 0.4 * std::sin(1.7 * static_cast<double>(i));
  return theta;
}

const Vector& exhibit(const std::vector<Exhibit>& exhibits, const std::string& name) {
  for (const Exhibit& one : exhibits)
    if (one.name == name) return one.values;
  throw std::runtime_error("no exhibit " + name);
}

TEST(HeatInversion, GradientIsTheDerivative) {
  for (const auto measurements : {HeatMeasurements::interior, HeatMeasurements::boundary})
    for (const auto unknown : {HeatUnknown::log_conductivity, HeatUnknown::conductivity})
      for (const auto regularization :
           {Regularization::none, Regularization::tikhonov, Regularization::total_variation}) {
        HeatInversionOptions options = small();
        options.measurements = measurements;
        options.unknown = unknown;
        options.regularization = regularization;
        const HeatInversion objective(options);
        ASSERT_EQ(objective.dimension(), 63);
        const double centre = unknown == HeatUnknown::conductivity ? 1.3 : 0.1;
        EXPECT_LT(test::gradient_error(objective, bumpy(63, centre)), 1e-6);
      }
}

// What is left of F without the regularisation has another Hessian, so both are asked for their differences.
TEST(HeatInversion, KnowsTheHessianOfItsRegularisation) {
  for (const auto regularization : {Regularization::tikhonov, Regularization::total_variation}) {
    HeatInversionOptions options = small();
    options.regularization = regularization;
    options.smoothing = 0.7;
    options.shards = 2;
    const HeatInversion with(options);
    options.regularization = Regularization::none;
    const HeatInversion without(options);
    EXPECT_TRUE(without.known_hessian(without.initial_point()).empty());
    const Vector theta = bumpy(63, 0.1);
    Matrix known = Matrix::Zero(63, 63);
    for (const HessianEntry& entry : with.known_hessian(theta)) {
      known(entry.row, entry.column) += entry.value;
      if (entry.row != entry.column) known(entry.column, entry.row) += entry.value;
    }
    const auto slope = [&](ConstVectorRef at) {
      return Vector(evaluate(with, at).gradient - evaluate(without, at).gradient);
    };
    for (Index i = 0; i < 63; i += 5) {
      const Vector step = 1e-5 * Vector::Unit(63, i);
      const Vector column = (slope(theta + step) - slope(theta - step)) / 2e-5;
      EXPECT_LT((column - known.col(i)).norm(), 1e-6 * known.norm()) << i;
    }
  }
}

TEST(HeatInversion, GradientOfAMiniBatchIsItsDerivative) {
  HeatInversionOptions options = small();
  options.shards = 3;
  options.batch = 2;
  const HeatInversion objective(options);
  EXPECT_TRUE(objective.is_noisy());
  SampleKey key;
  key.iteration = 4;
  EXPECT_LT(test::gradient_error(objective, bumpy(63, 0.0), key), 1e-6);
}

// Temperatures go with 1/k, so F of homogeneous bodies is a quadratic in 1/k.
TEST(HeatInversion, TemperaturesGoWithTheResistance) {
  HeatInversionOptions options = small();
  options.inclusions = 0;
  options.noise_level = 0;
  options.regularization = Regularization::none;
  const HeatInversion objective(options);
  const auto value = [&](double log_k) { return evaluate(objective, Vector::Constant(63, log_k)).value; };
  const double u0 = value(0.0), u1 = value(std::log(2.0)), u2 = value(-std::log(2.0));
  // Three values, at 1/k = 1, 1/2 and 2, determine it; a fourth must lie on it.
  const double second = (u1 - u0 - (0.5 - 1.0) * (u2 - u0)) / ((0.5 - 1.0) * (0.5 - 2.0));
  const double first = (u2 - u0) - second;
  const double s = 1.0 / 3.0;
  EXPECT_NEAR(value(std::log(3.0)), u0 + first * (s - 1.0) + second * (s - 1.0) * (s - 1.0),
              1e-12 * std::abs(u0));
}

TEST(HeatInversion, TheTruthExplainsExactMeasurementsOfItsOwnGrid) {
  HeatInversionOptions options = small();
  options.noise_level = 0;
  options.refinement = 1;
  options.regularization = Regularization::none;
  const HeatInversion objective(options);
  const Vector truth = exhibit(objective.exhibits(objective.initial_point()), "true_conductivity");
  Vector theta(truth.size());
  for (Index i = 0; i < theta.size(); ++i) theta[i] = std::log(truth[i]);
  EXPECT_LT(evaluate(objective, theta).value, 1e-26);
  const std::vector<Measure> measures = objective.assess(theta);
  ASSERT_EQ(measures.size(), 2u);
  EXPECT_EQ(measures[0].name, "reconstruction_error");
  EXPECT_LT(measures[0].value, 1e-14);
  EXPECT_EQ(measures[1].name, "misfit");
  EXPECT_LT(measures[1].value, 1e-13);
  // The start explains them badly.
  EXPECT_GT(objective.assess(objective.initial_point())[0].value, 0.1);
}

TEST(HeatInversion, TheMisfitOfTheTruthIsTheNoise) {
  HeatInversionOptions options = small();
  options.refinement = 1;
  options.sensors = 20;
  options.noise_level = 0.05;
  options.regularization = Regularization::none;
  const HeatInversion objective(options);
  const Vector truth = exhibit(objective.exhibits(objective.initial_point()), "true_conductivity");
  Vector theta(truth.size());
  for (Index i = 0; i < theta.size(); ++i) theta[i] = std::log(truth[i]);
  const double misfit = objective.assess(theta)[1].value;
  EXPECT_NEAR(misfit, 0.05, 0.005);
  EXPECT_NEAR(evaluate(objective, theta).value, 0.5 * misfit * misfit, 1e-12);
}

TEST(HeatInversion, ShardsAddUpToTheWhole) {
  const Vector theta = bumpy(63, 0.0);
  const HeatInversion whole(small());
  const test::Total expected = evaluate(whole, theta);
  for (const Index shards : {2, 3, 5}) {
    HeatInversionOptions options = small();
    options.shards = shards;
    const HeatInversion objective(options);
    ASSERT_EQ(objective.shard_count(), shards);
    const test::Total total = evaluate(objective, theta);
    EXPECT_NEAR(total.value, expected.value, 1e-14);
    EXPECT_LT(norm(total.gradient - expected.gradient), 1e-13 * norm(expected.gradient));
  }
}

// The kept factor must never answer for another theta, whatever came before, a failure included.
TEST(HeatInversion, TheOrderOfEvaluationsDoesNotMatter) {
  HeatInversionOptions options = small();
  options.shards = 2;
  const HeatInversion used(options);
  const Vector a = bumpy(63, 0.0), b = bumpy(63, 0.5);
  Vector gradient(63), fresh(63);
  const auto expect_fresh = [&](const Vector& theta, Index shard) {
    const double value = used.value_and_gradient(theta, {}, shard, gradient);
    EXPECT_EQ(value, HeatInversion(options).value_and_gradient(theta, {}, shard, fresh));
    EXPECT_EQ(gradient, fresh);
  };
  expect_fresh(a, 0);
  expect_fresh(b, 0);
  expect_fresh(b, 1);
  EXPECT_THROW(used.value_and_gradient(Vector::Constant(63, 1e4), {}, 0, gradient), EvaluationError);
  expect_fresh(b, 1);
  used.assess(a);
  expect_fresh(a, 1);
}

TEST(HeatInversion, TheSeedMakesTheTruth) {
  const auto truth = [](std::uint64_t seed) {
    HeatInversionOptions options = small();
    options.seed = seed;
    const HeatInversion objective(options);
    return exhibit(objective.exhibits(objective.initial_point()), "true_conductivity");
  };
  EXPECT_EQ(truth(1), truth(1));
  EXPECT_NE(truth(1), truth(2));
}

TEST(HeatInversion, WhatIsNoConductivityIsRefused) {
  HeatInversionOptions options = small();
  options.unknown = HeatUnknown::conductivity;
  const HeatInversion objective(options);
  Vector gradient(63);
  for (const double wrong :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Vector theta = Vector::Ones(63);
    theta[17] = wrong;
    try {
      objective.value_and_gradient(theta, {}, 0, gradient);
      FAIL() << wrong;
    } catch (const EvaluationError& error) {
      EXPECT_THAT(error.what(), HasSubstr("cell 17"));
    }
  }
}

TEST(HeatInversion, WrongOptionsNameTheirKeys) {
  const auto refused = [](auto change) {
    HeatInversionOptions options = small();
    change(options);
    try {
      const HeatInversion objective(options);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refused([](auto& o) { o.rows = 1; }), HasSubstr("problem.cells"));
  EXPECT_THAT(refused([](auto& o) { o.sources = 0; }), HasSubstr("problem.sources"));
  EXPECT_THAT(refused([](auto& o) { o.sensors = 0; }), HasSubstr("problem.sensors"));
  EXPECT_THAT(refused([](auto& o) { o.shards = 6; }), HasSubstr("data.shards = 6"));
  EXPECT_THAT(refused([](auto& o) { o.batch = 6; }), HasSubstr("data.batch = 6"));
  EXPECT_THAT(refused([](auto& o) { o.weight = -1; }), HasSubstr("problem.regularization_weight"));
  EXPECT_THAT(refused([](auto& o) { o.smoothing = 0; }), HasSubstr("problem.smoothing"));
  EXPECT_THAT(refused([](auto& o) { o.noise_level = NAN; }), HasSubstr("problem.noise_level"));
  EXPECT_THAT(refused([](auto& o) { o.contrast = 0; }), HasSubstr("problem.contrast"));
  EXPECT_THAT(refused([](auto& o) { o.columns = o.rows = 4000; }), HasSubstr("problem.truth_refinement"));
}

}  // namespace
}  // namespace optex
