#include "optex/core/random.hpp"

#include <cmath>
#include <functional>
#include <numbers>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::ElementsAre;

SampleKey some_key() {
  SampleKey key;
  key.seed = 7;
  key.iteration = 3;
  key.point = 2;
  key.batch = 1;
  return key;
}

// The three vectors that Random123 publishes for philox4x64-10.
TEST(Random, AgreesWithThePublishedKnownAnswers) {
  EXPECT_THAT(CounterRandom({}, Stream{0}).block(0),
              ElementsAre(0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b));

  SampleKey ones;
  ones.seed = ~std::uint64_t{0};
  ones.iteration = -1;
  ones.point = -1;
  ones.batch = -1;
  EXPECT_THAT(CounterRandom(ones, Stream{~std::uint64_t{0}}).block(~std::uint64_t{0}, ~std::uint64_t{0}),
              ElementsAre(0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0));

  SampleKey digits_of_pi;
  digits_of_pi.seed = 0x452821e638d01377;
  digits_of_pi.iteration = 0x13198a2e03707344;
  digits_of_pi.point = 0x299f31d0;
  digits_of_pi.batch = static_cast<std::int32_t>(0xa4093822u);
  EXPECT_THAT(
      CounterRandom(digits_of_pi, Stream{0xbe5466cf34e90c6c}).block(0x243f6a8885a308d3, 0x082efa98ec4e6c89),
      ElementsAre(0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6));
}

TEST(Random, EveryPartOfTheKeyAndThePurposeMatter) {
  std::vector<SampleKey> keys(5, some_key());
  ++keys[1].seed;
  ++keys[2].iteration;
  ++keys[3].point;
  ++keys[4].batch;
  std::set<std::uint64_t> seen;
  for (const SampleKey& key : keys)
    for (const Stream purpose : {Stream::batch, Stream::noise, Stream::initial_point, Stream::direction})
      for (std::uint64_t index : {0u, 1u, 2u}) seen.insert(CounterRandom(key, purpose).bits(index));
  EXPECT_EQ(seen.size(), 5u * 4u * 3u);
}

TEST(Random, IsAPureFunctionOfKeyPurposeAndIndex) {
  const CounterRandom random(some_key(), Stream::noise);
  const double later = random.normal(1000000);
  const double first = random.normal(0);
  EXPECT_EQ(random.normal(1000000), later);
  EXPECT_EQ(CounterRandom(some_key(), Stream::noise).normal(0), first);
}

TEST(Random, UniformStaysInTheOpenInterval) {
  const CounterRandom random(some_key(), Stream::noise);
  for (std::uint64_t i = 0; i < 100000; ++i) {
    const double u = random.uniform(i);
    ASSERT_GT(u, 0.0);
    ASSERT_LT(u, 1.0);
  }
}

// Pearson's chi-square over 7 cells: 22.5 is passed by chance once in a thousand keys; the key is fixed.
TEST(Random, BelowIsUniform) {
  const CounterRandom random(some_key(), Stream::batch);
  constexpr int cells = 7, draws = 70000;
  std::vector<int> counts(cells, 0);
  for (int i = 0; i < draws; ++i) ++counts.at(random.below(static_cast<std::uint64_t>(i), cells));
  double chi_square = 0;
  for (const int count : counts) chi_square += std::pow(count - draws / cells, 2) / (draws / cells);
  EXPECT_LT(chi_square, 22.5);
}

// With n = 3 * 2^62 a quarter of all words is rejected; without rejection the multiples of 3 would be twice
// as likely as their neighbours.
TEST(Random, BelowRejectsWhatWouldBiasIt) {
  const CounterRandom random(some_key(), Stream::batch);
  const std::uint64_t n = std::uint64_t{3} << 62;
  std::vector<int> remainders(3, 0);
  for (std::uint64_t i = 0; i < 30000; ++i) {
    const std::uint64_t value = random.below(i, n);
    ASSERT_LT(value, n);
    ++remainders.at(value % 3);
  }
  for (const int count : remainders) EXPECT_NEAR(count, 10000, 5 * std::sqrt(30000 * 2.0 / 9));
  EXPECT_EQ(random.below(5, 1), 0u);
}

struct Moments {
  double mean = 0, variance = 0, fourth = 0;
};

Moments moments(const std::function<double(std::uint64_t)>& draw, std::uint64_t n) {
  Moments m;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double x = draw(i);
    m.mean += x;
    m.variance += x * x;
    m.fourth += x * x * x * x;
  }
  m.mean /= static_cast<double>(n);
  m.variance = m.variance / static_cast<double>(n) - m.mean * m.mean;
  m.fourth /= static_cast<double>(n);
  return m;
}

constexpr std::uint64_t many = 100000;

// Bounds are five standard errors of each estimate.
TEST(Random, MomentsOfTheDistributions) {
  const CounterRandom random(some_key(), Stream::noise);
  const double standard_error = 5 / std::sqrt(static_cast<double>(many));

  const Moments uniform = moments([&](auto i) { return random.uniform(i) - 0.5; }, many);
  EXPECT_NEAR(uniform.mean, 0, std::sqrt(1.0 / 12) * standard_error);
  EXPECT_NEAR(uniform.variance, 1.0 / 12, std::sqrt(1.0 / 80 - 1.0 / 144) * standard_error);

  const Moments normal = moments([&](auto i) { return random.normal(i); }, many);
  EXPECT_NEAR(normal.mean, 0, standard_error);
  EXPECT_NEAR(normal.variance, 1, std::sqrt(2.0) * standard_error);
  EXPECT_NEAR(normal.fourth, 3, std::sqrt(96.0) * standard_error);

  const Moments laplace = moments([&](auto i) { return random.laplace(i); }, many);
  EXPECT_NEAR(laplace.mean, 0, std::sqrt(2.0) * standard_error);
  EXPECT_NEAR(laplace.variance, 2, std::sqrt(20.0) * standard_error);

  // Ten degrees of freedom: variance 10/8, fourth moment 3 * 100 / (8 * 6).
  const Moments student = moments([&](auto i) { return random.student_t(i, 10); }, many);
  EXPECT_NEAR(student.mean, 0, std::sqrt(1.25) * standard_error);
  EXPECT_NEAR(student.variance, 1.25, std::sqrt(6.25 - 1.5625) * standard_error);
}

double share_below(double bound, const std::function<double(std::uint64_t)>& draw) {
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < many; ++i) count += draw(i) < bound ? 1u : 0u;
  return static_cast<double>(count) / static_cast<double>(many);
}

// Heavy tails have few moments: compare with the distribution function instead.
TEST(Random, StudentTHasItsDistributionFunction) {
  const CounterRandom random(some_key(), Stream::noise);
  const auto error = [](double p) { return 5 * std::sqrt(p * (1 - p) / static_cast<double>(many)); };
  const auto cauchy = [&](auto i) { return random.student_t(i, 1); };
  for (const double x : {-10.0, -1.0, 0.0, 0.5, 3.0}) {
    const double p = 0.5 + std::atan(x) / std::numbers::pi;
    EXPECT_NEAR(share_below(x, cauchy), p, error(p)) << x;
  }
  const auto three = [&](auto i) { return random.student_t(i, 3); };
  for (const double x : {-5.0, -1.0, 0.0, 2.0}) {
    const double s = x / std::sqrt(3.0);
    const double p = 0.5 + (s / (1 + s * s) + std::atan(s)) / std::numbers::pi;
    EXPECT_NEAR(share_below(x, three), p, error(p)) << x;
  }
}

TEST(Random, StudentTWithManyDegreesIsNormal) {
  const CounterRandom random(some_key(), Stream::noise);
  for (std::uint64_t i = 0; i < 1000; ++i)
    EXPECT_NEAR(random.student_t(i, 1e12), random.normal(i), 1e-9 * (1 + std::abs(random.normal(i))));
}

}  // namespace
}  // namespace optex
