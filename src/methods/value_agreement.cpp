#include "optex/methods/value_agreement.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace optex {
namespace {

constexpr double short_step = 1e-2;  // of |theta| + 0.1 sqrt(d): ten times the first probes of surrogate
constexpr double lost_step = 1e-7;   // below it round-off in theta shows in F
// Of F. Some objectives have single precision inside, some a solver that stops at 1e-5: they are not to be
// taken for wrong where their gradient is small, so a contradiction has to stand out from ten times as much.
constexpr double value_precision = 1e-6, solver_precision = 1e-5;
constexpr double curvature_factor = 5.0;  // sixty times what a third derivative of the usual size does
constexpr double bias = 4e-3;             // what adjoints may be off by
constexpr double sharp = 1e-2,
                 blunt = 0.25;  // what a step may leave open to judge a bias, or a contradiction
constexpr double contradiction = 0.5;

}  // namespace

void ValueAgreement::look(const EvaluatedPoint& from, const EvaluatedPoint& to, double value_at_start) {
  const Vector step = to.theta - from.theta;
  const double root = std::sqrt(static_cast<double>(std::max<Index>(whole_length(step.size()), 1)));
  const double length = norm(step);
  const double size_of_theta = norm(from.theta) + 0.1 * root;
  if (length < lost_step * size_of_theta || length > short_step * size_of_theta) return;
  const double slope_before = dot(from.gradient, step), slope_after = dot(to.gradient, step);
  const double expected = 0.5 * (slope_before + slope_after), change = to.value - from.value;
  const double size = std::max(std::abs(expected), std::abs(change));
  if (!(size > 0.0) || !std::isfinite(size)) return;
  const bool says_flat =
      slope_before == 0.0 && slope_after == 0.0 && norm(from.gradient) == 0.0 && norm(to.gradient) == 0.0;
  const double sum = std::abs(from.value) + std::abs(to.value);
  const double lost = std::isfinite(value_at_start) ? value_precision * std::abs(value_at_start) : 0.0;
  if (says_flat && size > value_precision * sum + lost)
    contradicting = enough_contradicting;  // that F changes all the same is explained by no curvature
  const double error = std::abs(change - expected) / size;
  const double turn = (slope_after - slope_before) / size;
  const double by_curvature = curvature_factor * turn * turn + bias;
  const double open = by_curvature + (value_precision * sum + lost) / size;
  const double wide_open = by_curvature + (solver_precision * sum + lost) / size;
  const bool is_sharp = open <= sharp, contradicts = error > contradiction;
  if (is_sharp) biased = error <= open ? 0 : biased + 1;
  if (wide_open <= blunt && error <= wide_open) contradicting = 0;
  if (wide_open <= blunt && contradicts) contradicting += is_sharp ? 2 : 1;  // they count twice
  if ((is_sharp && error > open) || (wide_open <= blunt && contradicts)) {
    foretold = expected;
    found = change;
  }
}

std::string ValueAgreement::words() const {
  std::ostringstream text;
  text << std::setprecision(4) << "gradient and values disagree: F changed by " << found
       << " along a short step where the gradient says " << foretold
       << ", and alike along others; differences of F tell which coordinates are wrong (optex gradcheck "
          "CONFIG --at RUN, scipy.optimize.check_grad)";
  return text.str();
}

}  // namespace optex
