#pragma once

#include "optex/core/objective.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace optex::bench {

/// A problem on which the update rules are judged: how many rounds until F is below a loose and a tight gap.
struct SuiteProblem {
  std::string name;
  std::shared_ptr<const Objective> objective;
  std::shared_ptr<const Optimizer> optimizer;
  std::pair<double, double> gaps;
};

/// Sixteen analytic problems (quadratics, Rosenbrock, Ackley, Styblinski-Tang, absolute deviations) with SGD,
/// momentum and Adam, and softmax regression on the first 2,000 images of Fashion-MNIST with each of them;
/// these three are left out, with a note on stderr, when the images are not installed.
std::vector<SuiteProblem> suite();

}  // namespace optex::bench
