#pragma once

#include "optex/evaluation/gradient_check.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/command_line.hpp"

#include <functional>
#include <string>
#include <vector>

namespace optex::app {

/// Where `optex gradcheck` and `optex check --evaluate` look at a gradient, and how closely.
struct GradientCheckWishes {
  std::vector<std::string> at{"start", "random"};  ///< these words, or folders of runs
  Index random_points = 2;
  GradientCheckOptions options;
};

/// --at of a command line. Throws UsageError.
void read_places(const CommandLine& line, GradientCheckWishes& wishes);

/// Help for it.
CommandSyntax::Option places_option();

/// A gradient at one place, or why it could not be looked at there.
struct LookedAt {
  std::string place;  ///< "At the start"
  GradientFindings findings;
  std::string left_out;  ///< the reason; then there are no findings
};

/// Checks the gradient at all places, in order, and tells each when it is done. What goes wrong at the start
/// or at a run's solution is thrown; a random point at which F has no value is taken nearer to the start, and
/// left out when that does not help.
void look_at_gradient(Evaluator& evaluator, const Config& config, const Vector& start,
                      GradientCheckWishes wishes, const std::function<void(const LookedAt&)>& tell);

}  // namespace optex::app
