#include "optex/estimation/coordinate_subset.hpp"

#include "optex/estimation/gradient_history.hpp"
#include "optex/estimation/recent_mean.hpp"

#include <cmath>
#include <set>

#include <gmock/gmock.h>

namespace optex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(CoordinateSubset, AllOfThemNeedNoList) {
  EXPECT_THAT(choose_coordinates(10, 0, SubsetChoice::random, 1), IsEmpty());
  EXPECT_THAT(choose_coordinates(10, 10, SubsetChoice::random, 1), IsEmpty());
  EXPECT_THAT(choose_coordinates(10, 11, SubsetChoice::even, 1), IsEmpty());
}

TEST(CoordinateSubset, RandomOnesAscendAndDependOnTheSeedAlone) {
  const auto chosen = choose_coordinates(1000, 100, SubsetChoice::random, 3);
  ASSERT_THAT(chosen, SizeIs(100));
  for (std::size_t i = 1; i < chosen.size(); ++i) EXPECT_LT(chosen[i - 1], chosen[i]);
  EXPECT_GE(chosen.front(), 0);
  EXPECT_LT(chosen.back(), 1000);
  EXPECT_EQ(chosen, choose_coordinates(1000, 100, SubsetChoice::random, 3));
  EXPECT_NE(chosen, choose_coordinates(1000, 100, SubsetChoice::random, 4));
}

TEST(CoordinateSubset, EveryCoordinateIsDrawnAsOften) {
  std::vector<int> drawn(10, 0);
  constexpr int draws = 2000;
  for (int seed = 0; seed < draws; ++seed)
    for (const auto i : choose_coordinates(10, 3, SubsetChoice::random, static_cast<std::uint64_t>(seed)))
      ++drawn[static_cast<std::size_t>(i)];
  // Standard deviation of a count: sqrt(2000 x 0.3 x 0.7) = 20.5.
  for (const int count : drawn) EXPECT_NEAR(count, 0.3 * draws, 5 * 20.5);
}

TEST(CoordinateSubset, EvenOnesAreSpaced) {
  EXPECT_THAT(choose_coordinates(10, 4, SubsetChoice::even, 0), ElementsAre(0, 2, 5, 7));
}

TEST(CoordinateSubset, DistancesAreMeasuredThereAndScaledUp) {
  const std::vector<std::int64_t> coordinates{1, 4, 5};
  GradientHistory history(6, 3, coordinates);
  GradientHistory whole(6, 3);
  Vector a(6), b(6), g = Vector::Ones(6);
  a << 1, 2, 3, 4, 5, 6;
  b << 0, 4, 0, 0, 6, 9;
  for (const Vector& theta : {a, b}) {
    history.append(theta, g, 0.0, 0);
    whole.append(theta, g, 0.0, 0);
  }
  // (2^2 + 1^2 + 3^2) x 6/3
  EXPECT_DOUBLE_EQ(history.squared_distances()(0, 1), 28.0);
  EXPECT_DOUBLE_EQ(history.squared_distances()(1, 0), 28.0);
  Vector to(2);
  history.squared_distances_to(a, to);
  EXPECT_DOUBLE_EQ(to[0], 0.0);
  EXPECT_DOUBLE_EQ(to[1], 28.0);
  // Everything else is as it was.
  EXPECT_EQ(history.cross_products(), whole.cross_products());
  EXPECT_EQ(history.theta(1), b);
}

TEST(RecentMean, IsTheMeanOfTheNewestWhereverItIsAsked) {
  GradientHistory history(2, 4);
  const RecentMean estimator(3);
  EXPECT_FALSE(estimator.is_ready(history));
  Vector mean(2);
  for (int i = 1; i <= 5; ++i) {
    history.append(Vector::Constant(2, i), Vector::Constant(2, 10.0 * i), 0.0, i);
    ASSERT_TRUE(estimator.is_ready(history));
    const auto model = estimator.fit(history);
    EXPECT_TRUE(std::isnan(model->predict(Vector::Constant(2, 77.0), mean)));
    const double newest[] = {10, 15, 20, 30, 40};
    EXPECT_NEAR(mean[0], newest[i - 1], 1e-12);
  }
}

}  // namespace
}  // namespace optex
