#pragma once

#include "optex/core/objective.hpp"

#include <memory>
#include <string>
#include <vector>

namespace optex::bench {

/// A smooth problem with exact gradients that nobody chose a learning rate for.
struct SmoothProblem {
  std::string name;
  std::shared_ptr<const Objective> objective;
};

/// Quadratics, analytic functions, regressions on made data, and functions on grids. Their data are functions
/// of fixed seeds.
std::vector<SmoothProblem> smooth_suite();

}  // namespace optex::bench
