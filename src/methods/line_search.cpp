#include "optex/methods/line_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace optex {
namespace {

constexpr double curvature = 0.9;  // c2
constexpr std::int64_t most_trials = 20;
// A search outwards at least doubles the last stride (1 + 1.1) and takes at most ten of them.
constexpr double least_growth = 1.1;
constexpr double most_growth = 9.0;
constexpr double margin = 0.1;  // a new step keeps this share of the bracket from its ends

/// Where the cubic through two points with their slopes is smallest (Nocedal and Wright, equation 3.59).
std::optional<double> minimum_of_cubic(const LinePoint& a, const LinePoint& b) {
  if (!std::isfinite(a.value) || !std::isfinite(b.value)) return std::nullopt;
  const double d1 = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.step - b.step);
  const double square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0.0)) return std::nullopt;
  const double d2 = std::copysign(std::sqrt(square), b.step - a.step);
  const double step = b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
  if (!std::isfinite(step)) return std::nullopt;
  return step;
}

double step_outwards(const LinePoint& before, const LinePoint& now) {
  const double stride = now.step - before.step;
  const double farthest = now.step + most_growth * stride;
  const double wanted = minimum_of_cubic(before, now).value_or(farthest);
  // Behind us means that the cubic falls for ever.
  return wanted <= now.step ? farthest : std::clamp(wanted, now.step + least_growth * stride, farthest);
}

double step_between(const LinePoint& low, const LinePoint& high) {
  const double near = low.step + margin * (high.step - low.step);
  const double far = high.step - margin * (high.step - low.step);
  const double wanted = minimum_of_cubic(low, high).value_or(0.5 * (low.step + high.step));
  return std::clamp(wanted, std::min(near, far), std::max(near, far));
}

}  // namespace

void begin_line_search(LineSearch& search, double value, double slope, double first_step) {
  search = LineSearch();
  search.phase = LineSearch::bracketing;
  search.step = first_step;
  search.start = {0.0, value, slope};
  search.low = search.start;
}

LineSearchVerdict advance_line_search(LineSearch& search, const LinePoint& found, bool lowers_enough,
                                      double longest) {
  ++search.trials;
  const bool at_the_end = found.step >= longest && found.slope < 0.0;
  const bool flat = at_the_end || std::abs(found.slope) <= -curvature * search.start.slope;
  const bool too_high = !lowers_enough || found.value >= search.low.value;
  if (!too_high && flat) return LineSearchVerdict::accepted;
  if (too_high) {
    search.high = found;
    search.phase = LineSearch::zooming;
  } else if (search.phase == LineSearch::bracketing) {
    const LinePoint before = search.low;
    search.low = found;
    if (found.slope >= 0.0) {
      search.high = before;
      search.phase = LineSearch::zooming;
    } else {
      search.step = std::min(step_outwards(before, found), longest);
    }
  } else {
    if (found.slope * (search.high.step - search.low.step) >= 0.0) search.high = search.low;
    search.low = found;
  }
  if (search.phase == LineSearch::zooming) {
    search.step = step_between(search.low, search.high);
    const double width = std::abs(search.high.step - search.low.step);
    const double scale = std::max(search.high.step, search.low.step);
    if (!(width > std::numeric_limits<double>::epsilon() * scale)) return LineSearchVerdict::failed;
  }
  return search.trials >= most_trials ? LineSearchVerdict::failed : LineSearchVerdict::goes_on;
}

}  // namespace optex
