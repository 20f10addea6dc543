#pragma once

#include "optex/core/objective.hpp"
#include "optex/methods/method.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <string>

#include "bench/smooth_suite.hpp"

namespace optex::bench {

inline constexpr std::array<double, 4> smooth_gaps = {1e-2, 1e-4, 1e-6, 1e-8};
using FourHits = std::array<int, 4>;  ///< rounds to each of them, or never

/// F that a method is to reach: F* + gap (F0 - F*).
struct Targets {
  double start = 0.0, optimum = 0.0;
  double at(std::size_t k) const { return optimum + smooth_gaps[k] * (start - optimum); }
};

/// What others need on a problem.
struct Baselines {
  Targets targets;
  FourHits lbfgs10, lbfgs60, newton;
  int best(std::size_t k) const { return std::min(lbfgs10[k], lbfgs60[k]); }
};

/// The objective's own start, or one that differs from it by 1e-6.
Vector moved_start(const Objective& objective, int number);
FourHits hits_of(Method& method, const Vector& start, const Targets& targets, int budget);
FourHits median_of(int starts, const std::function<FourHits(int)>& run);
std::string text_of(const FourHits& hits);

/// L-BFGS with memory 10 and 60, and exact Newton with the best of 22 dampings a round, which is the limit
/// (Hessians from differences; up to 700 coordinates). Read from `file` where it has the problem, else
/// measured and added to it; "": measured.
Baselines baselines_of(const SmoothProblem& problem, const Objective& objective, int starts, int budget,
                       const std::string& file);

}  // namespace optex::bench
