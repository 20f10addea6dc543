#include "optex/comparison/run_record.hpp"

#include <algorithm>

namespace optex {

const CurvePoint* first_at(const RunRecord& run, double target) {
  const auto found = std::find_if(run.curve.begin(), run.curve.end(),
                                  [target](const CurvePoint& point) { return point.value <= target; });
  return found == run.curve.end() ? nullptr : &*found;
}

double final_value(const RunRecord& run) {
  return run.failed() || run.curve.empty() ? std::numeric_limits<double>::infinity() : run.curve.back().value;
}

double smallest_value(const RunRecord& run) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const CurvePoint& point : run.curve) smallest = std::min(smallest, point.value);
  return smallest;
}

}  // namespace optex
