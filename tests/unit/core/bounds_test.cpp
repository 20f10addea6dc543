#include "optex/core/bounds.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/units.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Vector vector(std::initializer_list<double> values) {
  Vector v(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), v.begin());
  return v;
}

const Bounds& box() {
  static const Bounds bounds(vector({0.0, -infinity, 2.0}), vector({1.0, 5.0, 2.0}));
  return bounds;
}

TEST(Bounds, ProjectionIsTheNearestPoint) {
  Vector theta = vector({-3.0, 7.0, 9.0});
  box().project(theta);
  EXPECT_EQ(theta, vector({0.0, 5.0, 2.0}));
  theta = vector({0.25, -1e300, 2.0});
  const Vector inside = theta;
  box().project(theta);
  EXPECT_EQ(theta, inside);
}

TEST(Bounds, APartOfTheCoordinatesIsHeldToItsOwnLimits) {
  Vector part = vector({9.0, 9.0});
  box().project(part, 1);
  EXPECT_EQ(part, vector({5.0, 2.0}));
}

TEST(Bounds, ANumberThatIsNoneStaysNone) {
  Vector theta = vector({std::nan(""), 0.0, 2.0});
  box().project(theta);
  EXPECT_TRUE(std::isnan(theta[0]));
  EXPECT_FALSE(box().contains(theta));
}

TEST(Bounds, ContainsItsFaces) {
  EXPECT_TRUE(box().contains(vector({1.0, 5.0, 2.0})));
  EXPECT_FALSE(box().contains(vector({std::nextafter(1.0, 2.0), 5.0, 2.0})));
  EXPECT_FALSE(box().contains(vector({1.0, 5.0, 2.1})));
}

TEST(Bounds, HoldsWhatWouldLeaveAtOnce) {
  const Vector corner = vector({0.0, 5.0, 2.0});
  Vector outwards = vector({-1.0, 1.0, 1.0});
  box().hold(corner, outwards);
  EXPECT_EQ(outwards, Vector::Zero(3));
  Vector inwards = vector({1.0, -1.0, 0.0});
  box().hold(corner, inwards);
  EXPECT_EQ(inwards, vector({1.0, -1.0, 0.0}));
}

TEST(Bounds, TheProjectedGradientSeesOnlyFeasibleDescent) {
  const Vector corner = vector({0.0, 5.0, 2.0});
  EXPECT_EQ(box().gradient_norm(corner, vector({4.0, -3.0, 7.0})), 0.0);
  EXPECT_EQ(box().gradient_norm(corner, vector({-4.0, 3.0, 7.0})), std::sqrt(1.0 + 9.0));  // 4 is cut to 1
  EXPECT_EQ(Bounds().gradient_norm(corner, vector({-4.0, 3.0, 0.0})), 5.0);
}

TEST(Bounds, WithoutLimitsNothingChanges) {
  const Bounds none;
  Vector theta = vector({-infinity, 1e300});
  const Vector before = theta;
  none.project(theta);
  none.hold(theta, theta);
  EXPECT_EQ(theta, before);
  EXPECT_TRUE(none.none());
  EXPECT_TRUE(none.contains(theta));
}

TEST(Units, MustBePositiveAndFinite) {
  EXPECT_THROW(Units(vector({1.0, 0.0})), UsageError);
  EXPECT_THROW(Units(vector({1.0, -2.0})), UsageError);
  EXPECT_THROW(Units(vector({infinity})), UsageError);
  EXPECT_THROW(Units(vector({std::nan("")})), UsageError);
  EXPECT_FALSE(Units(vector({1.0, 2.0})).none());
}

TEST(Bounds, SidesMustFit) {
  EXPECT_THROW(Bounds(vector({0.0}), vector({1.0, 2.0})), UsageError);
  EXPECT_THROW(Bounds(vector({0.0, 3.0}), vector({1.0, 2.0})), UsageError);
  EXPECT_THROW(Bounds(vector({std::nan("")}), vector({1.0})), UsageError);
}

}  // namespace
}  // namespace optex
