#include "optex/methods/value_unit.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace optex {
namespace {

constexpr double smallest = 0x1p-100, largest = 0x1p100;

/// What of F a run keeps for others than the method.
void multiply(RunState& run, double factor) {
  run.best.value *= factor;
  run.best.gradient *= factor;
  run.progress.values.foretold *= factor;
  run.progress.values.found *= factor;
}

}  // namespace

double value_unit_of(const Evaluation& start) {
  double size = std::max(std::abs(start.value), norm(start.gradient));
  if (size == 0.0 || (size >= smallest && size <= largest)) return 1.0;
  size = std::min(size, std::numeric_limits<double>::max());          // a norm that is none
  return std::ldexp(1.0, std::clamp(std::ilogb(size), -1020, 1020));  // its inverse is a number, too
}

InValueUnit::InValueUnit(RunState& run, std::vector<Evaluation>& truth) : run_(run) {
  if (run.best.unit == 1.0) return;
  const double factor = 1.0 / run.best.unit;
  for (Evaluation& found : truth) {
    found.value *= factor;
    found.gradient *= factor;
  }
  multiply(run, factor);
}

InValueUnit::~InValueUnit() {
  if (run_.best.unit == 1.0) return;
  multiply(run_, run_.best.unit);
}

}  // namespace optex
