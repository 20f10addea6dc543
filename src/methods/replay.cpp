#include "optex/methods/replay.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>

namespace optex {

double raise_guard(RunState& run, double value, Index window) {
  Vector& values = run.guard_values;
  if (values.size() >= window) values = Vector(values.tail(window - 1));
  values.conservativeResize(values.size() + 1);
  values[values.size() - 1] = value;
  return values.maxCoeff();
}

ReplayResult replay(VectorRef theta, OptimizerState& state, const GradientModel* model,
                    const Optimizer& optimizer, const ReplayInput& input) {
  const std::vector<Index>& depths = input.depths;
  std::size_t admissible = 1;
  while (admissible < depths.size() && input.usable[admissible] &&
         input.truth[admissible].value <= input.ceiling)
    ++admissible;

  ReplayResult result;
  result.whole = admissible == depths.size();
  const Index last_spacing = depths.size() > 1 ? depths.back() - depths[depths.size() - 2] : 1;
  Index end = result.whole ? depths.back() + last_spacing : depths[admissible];
  if (model == nullptr) end = 1;

  Vector mean = input.truth[0].gradient;
  std::size_t next = 1;  // the next evaluated depth
  for (Index depth = 0; depth < end; ++depth) {
    if (depth > 0) model->predict(theta, mean);
    if (next < depths.size() && depth == depths[next]) {
      const Vector& truth = input.truth[next].gradient;
      const double excess = std::max(0.0, squared_distance(mean, truth) - model->noise_energy());
      const double error = std::sqrt(excess) / (norm(truth) + 1e-300);
      if (!(error <= input.tolerance)) break;
      result.worst_error = std::max(result.worst_error, error);
      ++next;
    }
    optimizer.step(theta, mean, state);
    ++result.accepted;
  }
  result.complete = result.accepted >= end;
  return result;
}

Index next_reach(Index reach, Index points, Index largest, double tolerance, const ReplayResult& result) {
  if (result.whole && result.complete) {
    const bool accurate = result.worst_error < 0.3 * tolerance;
    return accurate ? std::min(2 * reach, std::max(largest, points - 1)) : reach;
  }
  return std::max(points - 1, std::min(reach, 2 * result.accepted));
}

}  // namespace optex
