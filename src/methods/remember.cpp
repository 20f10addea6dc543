#include "optex/methods/remember.hpp"

namespace optex {

bool remember(RunState& run, ConstVectorRef theta, const Evaluation& truth, const Bounds& bounds,
              const Units& units) {
  const Vector position = units.position(theta);
  if (!bounds.none() && run.history.size() > 0) {
    Vector distances(run.history.size());
    run.history.squared_distances_to(position, distances);
    if (distances.minCoeff() == 0.0) return false;
  }
  run.history.append(position, units.gradient(truth.gradient), truth.value, run.iteration);
  return true;
}

}  // namespace optex
