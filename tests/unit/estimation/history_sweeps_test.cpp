#include "optex/core/parallel_for.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <cmath>
#include <memory>

#include "same_history.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::expect_same_bits;
using test::ripple;

GradientHistory filled(Index d, Index capacity, int pairs, Precision precision = Precision::f64) {
  GradientHistory history(d, capacity, precision);
  for (int k = 0; k < pairs; ++k) history.append(ripple(d, k), ripple(d, 2.5 * k), 1.0, k);
  return history;
}

/// Everything that a history says about a point, moved by what it predicts there.
struct Travelled {
  Vector field, theta, distances, products, combination;

  Travelled(const GradientHistory& history, const Units& units)
      : field(history.dimension()),
        theta(ripple(history.dimension(), 0.3)),
        distances(history.size()),
        products(2 * history.size()),
        combination(history.dimension()) {
    const Index n = history.size();
    const Vector weights = Vector::LinSpaced(n, -0.5, 0.8);
    const BlockMove move = [](Index, VectorRef part, VectorRef along) { part -= 0.1 * along; };
    history.step_along({weights, true}, theta, units, move, {.field = field.data()}, distances.data());
    history.products_about_newest(theta, products.head(n), products.tail(n));
    combination.setZero();
    history.add_combinations(weights, -weights, {combination.data()});
  }
};

class Sweeps : public testing::TestWithParam<Precision> {
 protected:
  ~Sweeps() override { set_thread_count(1); }
};

TEST_P(Sweeps, AnyNumberOfThreadsGivesTheSameBits) {
  const Units units(ripple(40000, 0.2).array().abs() + 0.5);
  const GradientHistory alone = filled(40000, 5, 7, GetParam());
  const Travelled expected(alone, units);
  for (const int threads : {2, 3, 5}) {
    set_thread_count(threads);
    const GradientHistory shared = filled(40000, 5, 7, GetParam());
    expect_same_bits(alone, shared);
    const Travelled there(shared, units);
    EXPECT_EQ(there.theta, expected.theta) << threads;
    EXPECT_EQ(there.field, expected.field);
    EXPECT_EQ(there.distances, expected.distances);
    EXPECT_EQ(there.products, expected.products);
    EXPECT_EQ(there.combination, expected.combination);
  }
}

TEST_P(Sweeps, OnePassIsFieldThenMoveThenDistances) {
  for (const Index d : {1, 31, 1024, 1025, 5000}) {
    for (const bool scaled : {false, true}) {
      const Units units = scaled ? Units(ripple(d, 0.2).array().abs() + 0.5) : Units();
      const GradientHistory history = filled(d, 6, 9, GetParam());
      for (const FieldWeights& field :
           {FieldWeights{Vector::LinSpaced(6, -1, 2), false}, {Vector::LinSpaced(6, -1, 2), true}}) {
        Vector theta = ripple(d, 0.3), along(d), fused = theta, fused_along(d), fused_copy(d), distances(6),
               fused_distances(6);
        const BlockMove move = [](Index, VectorRef part, VectorRef mean) { part -= 0.1 * mean; };
        history.field(field, along, units);
        theta -= 0.1 * along;
        history.squared_distances_to(theta, units, distances);
        history.step_along(field, fused, units, move,
                           {.field = fused_along.data(), .point = fused_copy.data()}, fused_distances.data());
        EXPECT_EQ(fused_copy, fused);
        EXPECT_EQ(fused, theta);
        EXPECT_EQ(fused_along, along);
        EXPECT_EQ(fused_distances, distances);
        Vector given = ripple(d, 1.1);
        history.step_along(given, fused, units, move, fused_distances.data());
        theta -= 0.1 * given;
        history.squared_distances_to(theta, units, distances);
        EXPECT_EQ(fused, theta);
        EXPECT_EQ(fused_distances, distances);
      }
    }
  }
}

TEST_P(Sweeps, PairsThatComeTogetherAreAsIfTheyCameOneByOne) {
  for (const int pairs : {1, 3, 5, 12}) {
    GradientHistory one_by_one = filled(3000, 5, 4, GetParam()), together = one_by_one;
    std::vector<Vector> thetas, gradients;
    for (int k = 0; k < pairs; ++k) {
      thetas.push_back(ripple(3000, 0.1 * k));
      gradients.push_back(ripple(3000, 0.7 * k));
    }
    std::vector<NewPair> block;
    for (std::size_t k = 0; k < thetas.size(); ++k) {
      block.push_back({thetas[k], gradients[k], 0.0, 9});
      one_by_one.append(thetas[k], gradients[k], 0.0, 9);
    }
    together.append(block);
    expect_same_bits(one_by_one, together);
  }
}

TEST_P(Sweeps, ProductsOfStepsDoNotDependOnWhenTheyAreAskedFor) {
  GradientHistory early(1500, 6, GetParam()), late(1500, 6, GetParam());
  for (int k = 0; k < 11; ++k) {
    for (GradientHistory* const history : {&early, &late})
      history->append(Vector::Constant(1500, 50.0 * k * k) + ripple(1500, k), ripple(1500, 2.0 * k), 1.0, k);
    EXPECT_EQ(early.cross_products_about_newest().rows(), early.size());
  }
  expect_same_bits(early, late);
}

TEST_P(Sweeps, ARestoredHistoryHasTheSameBits) {
  // Far away, so that in single precision the origin follows more than once.
  GradientHistory history(1500, 4, GetParam());
  for (int k = 0; k < 11; ++k)
    history.append(Vector::Constant(1500, 50.0 * k * k) + ripple(1500, k), ripple(1500, 2.0 * k), 1.0, k);
  for (int k = 0; k < 9; ++k)
    history.append(Vector::Constant(1500, 5000.0) + 0.01 * ripple(1500, k), ripple(1500, 3.0 * k), 1.0, k);
  GradientHistory restored(1500, 4, GetParam());
  restored.restore_origin(history.origin());
  for (Index i = 0; i < history.size(); ++i)
    restored.restore(history.stored_theta(i), history.gradient(i), history.value(i), history.iteration(i));
  expect_same_bits(history, restored);
  for (int k = 0; k < 3; ++k) {
    history.append(ripple(1500, k), ripple(1500, k), 0.0, k);
    restored.append(ripple(1500, k), ripple(1500, k), 0.0, k);
  }
  expect_same_bits(history, restored);
}

INSTANTIATE_TEST_SUITE_P(All, Sweeps, testing::Values(Precision::f64, Precision::f32));

TEST(SinglePrecision, RoundsRelativeToTheExtentOfTheHistoryNotToTheta) {
  // Iterates about 1000 that differ by 1e-5: differences between floats near 1000 would be multiples of 6e-5.
  GradientHistory history(300, 4, Precision::f32);
  const Vector base = ripple(300, 0.3) * 1e3;
  for (int k = 0; k < 9; ++k) history.append(base * (1.0 + std::exp2(-2.0 * k)), ripple(300, k), 0.0, k);
  for (int k = 0; k < 9; ++k) history.append(base + ripple(300, k) * 1e-5, ripple(300, k), 0.0, k);
  Vector to(4);
  const Vector query = base + ripple(300, 20.0) * 1e-5;
  history.squared_distances_to(query, to);
  for (Index i = 0; i < 4; ++i) {
    const double exact =
        ((ripple(300, 20.0) - ripple(300, 5.0 + static_cast<double>(i))) * 1e-5).squaredNorm();
    EXPECT_NEAR(to[i] / exact, 1.0, 1e-5) << i;
    EXPECT_LT(
        (history.theta(i) - base - ripple(300, 5.0 + static_cast<double>(i)) * 1e-5).cwiseAbs().maxCoeff(),
        1e-11);
  }
}

TEST(SinglePrecision, NumbersBeyondItsRangeBecomeItsLargest) {
  GradientHistory history(2, 2, Precision::f32);
  history.append(Vector::Zero(2), Vector::Constant(2, -1e300), 0.0, 0);
  EXPECT_EQ(history.gradient(0)[0], -static_cast<double>(std::numeric_limits<float>::max()));
}

TEST(ParallelFor, DoesEachPieceOnceAndPassesOnWhatIsThrown) {
  for (const int threads : {1, 4}) {
    set_thread_count(threads);
    EXPECT_EQ(thread_count(), threads);
    std::vector<int> done(1000, 0);
    parallel_for(1000, 7, [&](Index i) { ++done[static_cast<std::size_t>(i)]; });
    EXPECT_THAT(done, testing::Each(1));
    EXPECT_THROW(parallel_for(1000, 7,
                              [](Index i) {
                                if (i == 500) throw std::runtime_error("no");
                              }),
                 std::runtime_error);
    double sum = 0.0;
    parallel_sum(
        1000, 1, [](Index i, double* out) { *out = static_cast<double>(i); }, &sum);
    EXPECT_EQ(sum, 499500.0);
    // From within: on the same thread, no deadlock.
    parallel_for(8, 1, [](Index) { parallel_for(8, 1, [](Index) {}); });
  }
  set_thread_count(1);
}

}  // namespace
}  // namespace optex
