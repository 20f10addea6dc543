#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace optex {

/// phi(step) and phi'(step) of F along a line.
struct LinePoint {
  double step = 0.0;
  double value = 0.0;  ///< infinite where F cannot be used
  double slope = 0.0;
};

/// A line search between two evaluations. A plain value: whoever keeps it can go on at any time.
struct LineSearch {
  enum Phase : std::int64_t {
    idle,        ///< not begun
    bracketing,  ///< going outwards; `low` is the point before
    zooming,     ///< a good step lies between `low` and `high`
    given_up,    ///< no step from here lowers F
    stationary,  ///< there is no downhill direction
  };
  std::int64_t phase = idle;
  std::int64_t trials = 0;  ///< evaluations of this search
  double step = 0.0;        ///< where F is wanted next
  LinePoint start;          ///< at step 0
  LinePoint low;            ///< the best point that lowers F enough; the start as long as there is none
  LinePoint high;           ///< the other end of the bracket
};

/// Names every member for checkpoints: visit(path, member). `at` ends with "/".
template <class Search, class Visitor>
void visit_line_search(Search& search, const std::string& at, Visitor& visit) {
  auto& [phase, trials, next_step, start, low, high] = search;
  visit(at + "phase", phase);
  visit(at + "trials", trials);
  visit(at + "step", next_step);
  const auto visit_point = [&](const std::string& name, auto& point) {
    auto& [step, value, slope] = point;
    visit(at + name + "_step", step);
    visit(at + name + "_value", value);
    visit(at + name + "_slope", slope);
  };
  visit_point("start", start);
  visit_point("low", low);
  visit_point("high", high);
}

enum class LineSearchVerdict { goes_on, accepted, failed };

/// Asks for `first_step` > 0 first. slope < 0.
void begin_line_search(LineSearch& search, double value, double slope, double first_step);

/// Takes in what was found at search.step and chooses the next step: the search for a step with the strong
/// Wolfe conditions of Nocedal and Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6, with cubic
/// interpolation.
///
/// `lowers_enough`: the first condition, phi(step) <= phi(0) + c1 step phi'(0), decided by the caller, who
/// may know the differences better; c1 = 1e-4. The second one is |phi'(step)| <= 0.9 |phi'(0)|; at `longest`,
/// beyond which no step is ever asked for, a negative slope will do. `failed` after 20 evaluations, or when
/// the bracket has shrunk to nothing.
LineSearchVerdict advance_line_search(LineSearch& search, const LinePoint& found, bool lowers_enough,
                                      double longest = std::numeric_limits<double>::infinity());

inline constexpr double line_search_decrease = 1e-4;  ///< c1

}  // namespace optex
