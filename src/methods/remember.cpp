#include "optex/methods/remember.hpp"

namespace optex {

void remember(RunState& run, const std::vector<NewPair>& pairs, const Bounds& bounds, const Units& units) {
  if (bounds.none()) return run.history.append(pairs, units);
  for (const NewPair& pair : pairs) {
    if (run.history.size() > 0) {
      Vector distances(run.history.size());
      run.history.squared_distances_to(pair.theta, units, distances);
      if (distances.minCoeff() == 0.0) continue;
    }
    run.history.append({pair}, units);
  }
}

}  // namespace optex
