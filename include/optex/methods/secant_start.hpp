#pragma once

#include "optex/core/bounds.hpp"
#include "optex/methods/run_state.hpp"

namespace optex {

/// State before the first round of a method that remembers `memory` secant pairs and has no optimizer: theta
/// (length d) moved into the box.
inline RunState secant_start(ConstVectorRef theta, const Bounds& bounds, Index memory) {
  RunState run;
  run.theta = theta;
  bounds.project(run.theta);
  run.optimizer.moments.resize(theta.size(), 0);
  run.secants.pairs = SecantPairs(theta.size(), memory);
  run.best.theta = run.theta;
  return run;
}

}  // namespace optex
