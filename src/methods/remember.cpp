#include "optex/methods/remember.hpp"

namespace optex {

Index remember(RunState& run, const std::vector<NewPair>& pairs, const Bounds& bounds, const Units& units,
               EarlyPairs* early) {
  if (bounds.none()) {
    run.history.append(pairs, units, early);
    return static_cast<Index>(pairs.size());
  }
  Index newcomers = 0;
  for (const NewPair& pair : pairs) {
    if (run.history.size() > 0) {
      Vector distances(run.history.size());
      run.history.squared_distances_to(pair.theta, units, distances);
      if (distances.minCoeff() == 0.0) continue;
    }
    run.history.append({pair}, units, early);
    ++newcomers;
  }
  return newcomers;
}

}  // namespace optex
