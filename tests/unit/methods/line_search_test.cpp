#include "optex/methods/line_search.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace optex {
namespace {

using Line = std::function<LinePoint(double step)>;

struct Result {
  LineSearchVerdict verdict = LineSearchVerdict::goes_on;
  LinePoint point;
  int evaluations = 0;
};

Result search_along(const Line& line, double first_step) {
  const LinePoint start = line(0.0);
  LineSearch search;
  begin_line_search(search, start.value, start.slope, first_step);
  Result result;
  while (result.verdict == LineSearchVerdict::goes_on) {
    result.point = line(search.step);
    ++result.evaluations;
    const double most = start.value + line_search_decrease * search.step * start.slope;
    result.verdict = advance_line_search(search, result.point, result.point.value <= most);
  }
  return result;
}

struct Case {
  std::string name;
  Line line;
};

std::vector<Case> cases() {
  // The last three are the ones that More and Thuente (ACM TOMS 20, 1994) try line searches on.
  return {
      {"parabola",
       [](double a) {
         return LinePoint{a, (a - 3) * (a - 3), 2 * (a - 3)};
       }},
      {"quartic",
       [](double a) {
         return LinePoint{a, std::pow(a - 1, 4), 4 * std::pow(a - 1, 3)};
       }},
      {"rational",
       [](double a) {
         const double bottom = a * a + 2;
         return LinePoint{a, -a / bottom, (a * a - 2) / (bottom * bottom)};
       }},
      {"steep",
       [](double a) {
         const double b = a + 0.004;
         return LinePoint{a, std::pow(b, 5) - 2 * std::pow(b, 4), 5 * std::pow(b, 4) - 8 * std::pow(b, 3)};
       }},
      {"wavy", [](double a) {
         constexpr double w = 39.0 * std::numbers::pi / 2.0;
         const double bend = 0.01;
         const double base = a <= 1 - bend   ? 1 - a
                             : a >= 1 + bend ? a - 1
                                             : (a - 1) * (a - 1) / (2 * bend) + bend / 2;
         const double slope = a <= 1 - bend ? -1.0 : a >= 1 + bend ? 1.0 : (a - 1) / bend;
         return LinePoint{a, base + (1 - bend) / w * std::sin(w * a), slope + (1 - bend) * std::cos(w * a)};
       }}};
}

TEST(LineSearch, FindsTheStrongWolfeConditionsFromAnyFirstStep) {
  for (const Case& test_case : cases()) {
    const LinePoint start = test_case.line(0.0);
    ASSERT_LT(start.slope, 0.0) << test_case.name;
    for (const double first : {1e-3, 1e-1, 1.0, 10.0, 1e3}) {
      const Result result = search_along(test_case.line, first);
      ASSERT_EQ(result.verdict, LineSearchVerdict::accepted) << test_case.name << " from " << first;
      EXPECT_LE(result.point.value, start.value + 1e-4 * result.point.step * start.slope) << test_case.name;
      EXPECT_LE(std::abs(result.point.slope), -0.9 * start.slope) << test_case.name;
      EXPECT_LE(result.evaluations, 15) << test_case.name << " from " << first;
    }
  }
}

TEST(LineSearch, ACubicIsFoundWithOneInterpolation) {
  // Too far at first; the cubic through both ends is the function itself, smallest at 1.
  const auto line = [](double a) { return LinePoint{a, a * a * a - 3 * a, 3 * a * a - 3}; };
  const Result result = search_along(line, 4.0);
  EXPECT_EQ(result.evaluations, 2);
  EXPECT_NEAR(result.point.step, 1.0, 1e-14);
}

TEST(LineSearch, UnusableValuesAreTooFar) {
  const auto line = [](double a) {
    if (a > 0.4) return LinePoint{a, std::numeric_limits<double>::infinity(), 0.0};
    return LinePoint{a, (a - 0.3) * (a - 0.3), 2 * (a - 0.3)};
  };
  const Result result = search_along(line, 10.0);
  EXPECT_EQ(result.verdict, LineSearchVerdict::accepted);
  EXPECT_LE(result.point.step, 0.4);
}

TEST(LineSearch, AWrongSlopeFailsInsteadOfGoingOnForEver) {
  const auto rises = [](double a) { return LinePoint{a, a, -1.0}; };
  const Result result = search_along(rises, 1.0);
  EXPECT_EQ(result.verdict, LineSearchVerdict::failed);
  EXPECT_LE(result.evaluations, 20);
  const auto falls_for_ever = [](double a) { return LinePoint{a, -a, -1.0}; };
  EXPECT_EQ(search_along(falls_for_ever, 1.0).verdict, LineSearchVerdict::failed);
}

TEST(LineSearch, NoStepIsLongerThanTheLongest) {
  // It falls all the way: outwards to the end, and there the search is over.
  LineSearch search;
  begin_line_search(search, 1.0, -1.0, 0.01);
  constexpr double longest = 0.05;
  EXPECT_EQ(advance_line_search(search, {0.01, 0.99, -1.0}, true, longest), LineSearchVerdict::goes_on);
  EXPECT_EQ(search.step, longest);
  EXPECT_EQ(advance_line_search(search, {longest, 0.95, -1.0}, true, longest), LineSearchVerdict::accepted);
}

TEST(LineSearch, AtTheLongestStepAValueThatIsTooHighIsNotAccepted) {
  LineSearch search;
  begin_line_search(search, 1.0, -1.0, 0.05);
  EXPECT_EQ(advance_line_search(search, {0.05, 1.5, -1.0}, false, 0.05), LineSearchVerdict::goes_on);
  EXPECT_LT(search.step, 0.05);
  EXPECT_GT(search.step, 0.0);
}

}  // namespace
}  // namespace optex
