#include "optex/objectives/noisy.hpp"

#include "optex/core/errors.hpp"
#include "optex/objectives/softmax_regression.hpp"
#include "optex/objectives/test_functions.hpp"

#include <cmath>
#include <set>

#include "support/formula_data.hpp"
#include "support/gradient_check.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

SampleKey key_of(std::int64_t iteration) {
  SampleKey key;
  key.seed = 4;
  key.iteration = iteration;
  return key;
}

std::unique_ptr<Objective> softmax(Index shards, Index batch = 0) {
  return std::make_unique<SoftmaxRegression>(test::formula_data(130, 6, 3), test::formula_data(20, 6, 3, 500),
                                             SoftmaxOptions{.shards = shards, .batch = batch});
}

TEST(Noisy, AddsTheSameNoiseHoweverManyShards) {
  const Vector theta = Vector::LinSpaced(21, -1, 1);
  const NoiseOptions options{.sigma = 0.5};
  const Vector noise = test::evaluate(Noisy(softmax(1), options), theta, key_of(3)).gradient -
                       test::evaluate(*softmax(1), theta).gradient;
  EXPECT_GT(noise.norm(), 1.0);
  for (const Index shards : {2, 7, 64}) {
    const Vector again = test::evaluate(Noisy(softmax(shards), options), theta, key_of(3)).gradient -
                         test::evaluate(*softmax(shards), theta).gradient;
    EXPECT_LT((again - noise).norm(), 1e-14) << shards;
  }
}

TEST(Noisy, OnlyTheFirstShardCarriesIt) {
  const Vector theta = Vector::LinSpaced(21, -1, 1);
  const Noisy noisy(softmax(3), {.sigma = 0.5});
  Vector with(21), without(21);
  for (Index shard = 0; shard < 3; ++shard) {
    noisy.value_and_gradient(theta, key_of(0), shard, with);
    softmax(3)->value_and_gradient(theta, key_of(0), shard, without);
    EXPECT_EQ(with == without, shard != 0);
  }
}

TEST(Noisy, LeavesTheValueAndTheWholeTruthExact) {
  const Sphere exact(10);
  const Noisy noisy(std::make_unique<Sphere>(10), {.sigma = 2.0});
  const Vector theta = exact.initial_point();
  const test::Total truth = test::evaluate(exact, theta);
  EXPECT_EQ(test::evaluate(noisy, theta, key_of(0)).value, truth.value);
  EXPECT_NE(test::evaluate(noisy, theta, key_of(0)).gradient, truth.gradient);
  EXPECT_EQ(test::evaluate(noisy, theta, SampleKey::exact()).gradient, truth.gradient);
  EXPECT_LT(test::gradient_error(noisy, theta, SampleKey::exact()), 1e-6);
}

TEST(Noisy, IsAFunctionOfTheKey) {
  const Noisy noisy(std::make_unique<Sphere>(10), {.sigma = 2.0});
  const Vector theta = noisy.initial_point();
  const Vector first = test::evaluate(noisy, theta, key_of(0)).gradient;
  EXPECT_NE(test::evaluate(noisy, theta, key_of(1)).gradient, first);
  EXPECT_EQ(test::evaluate(noisy, theta, key_of(0)).gradient, first);
}

TEST(Noisy, HasTheScaleOfItsKind) {
  const Index d = 50000;
  const Vector theta = Vector::Zero(d);  // the exact gradient is 0: what comes back is the noise
  struct Expected {
    NoiseKind kind;
    double variance, kurtosis_spread;  // of sigma = 1; variance of x^2
  };
  for (const auto& [kind, variance, spread] :
       {Expected{NoiseKind::gaussian, 1.0, 2.0}, Expected{NoiseKind::laplace, 2.0, 20.0},
        Expected{NoiseKind::student_t, 1.25, 4.6875}}) {
    const Noisy noisy(std::make_unique<Sphere>(d), {.kind = kind, .sigma = 3.0, .degrees = 10.0});
    const Vector noise = test::evaluate(noisy, theta, key_of(0)).gradient / 3.0;
    const double n = static_cast<double>(d);
    EXPECT_NEAR(sum(noise) / n, 0, 5 * std::sqrt(variance / n));
    EXPECT_NEAR(squared_norm(noise) / n, variance, 5 * std::sqrt(spread / n));
  }
}

TEST(Noisy, ForwardsEverythingElse) {
  const Noisy noisy(softmax(7), {.sigma = 1.0}), silent(softmax(7), {}), mini(softmax(7, 10), {});
  EXPECT_EQ(noisy.dimension(), 21);
  EXPECT_EQ(noisy.shard_count(), 7);
  EXPECT_EQ(noisy.initial_point(), Vector::Zero(21));
  EXPECT_EQ(noisy.assess(Vector::Zero(21)).size(), 3u);
  EXPECT_TRUE(noisy.is_noisy());
  EXPECT_FALSE(silent.is_noisy());
  EXPECT_TRUE(mini.is_noisy());
  EXPECT_EQ(Noisy(std::make_unique<Rosenbrock>(9), {}).initial_point(), Rosenbrock(9).initial_point());
}

TEST(Noisy, RefusesBadOptions) {
  const auto make = [](NoiseOptions options) { return Noisy(std::make_unique<Sphere>(3), options); };
  EXPECT_THROW(make({.sigma = -1}), UsageError);
  EXPECT_THROW(make({.sigma = std::nan("")}), UsageError);
  EXPECT_THROW(make({.sigma = INFINITY}), UsageError);
  EXPECT_THROW(make({.sigma = 1, .degrees = 0.5}), UsageError);
}

}  // namespace
}  // namespace optex
