#include "optex/methods/depths.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(EvaluatedDepths, AreAllDepthsWhileReachIsShort) {
  EXPECT_EQ(evaluated_depths(1, 0), (std::vector<Index>{0}));
  EXPECT_EQ(evaluated_depths(4, 3), (std::vector<Index>{0, 1, 2, 3}));
  EXPECT_EQ(evaluated_depths(4, 1), (std::vector<Index>{0, 1, 2, 3}));
}

TEST(EvaluatedDepths, AreSpacedGeometricallyBeyond) {
  EXPECT_EQ(evaluated_depths(4, 512), (std::vector<Index>{0, 1, 23, 512}));
  EXPECT_EQ(evaluated_depths(5, 8), (std::vector<Index>{0, 1, 2, 4, 8}));
  EXPECT_EQ(evaluated_depths(2, 512), (std::vector<Index>{0, 1}));
  EXPECT_EQ(evaluated_depths(8, 10), (std::vector<Index>{0, 1, 2, 3, 4, 5, 7, 10}));
}

TEST(EvaluatedDepths, ContainZeroAndReachWithoutRepeats) {
  for (Index points = 3; points < 20; ++points)
    for (Index reach = points - 1; reach < 600; reach += 7) {
      const std::vector<Index> depths = evaluated_depths(points, reach);
      ASSERT_EQ(static_cast<Index>(depths.size()), points);
      EXPECT_EQ(depths.front(), 0);
      EXPECT_EQ(depths.back(), reach);
      EXPECT_TRUE(std::is_sorted(depths.begin(), depths.end(), std::less_equal<>()))
          << points << " points, reach " << reach;
    }
}

}  // namespace
}  // namespace optex
