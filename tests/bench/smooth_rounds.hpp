#pragma once

#include "optex/core/types.hpp"

#include <string>
#include <vector>

namespace optex::bench {

/// Prints how many rounds `surrogate` needs to 1e-2, 1e-4, 1e-6 and 1e-8 of the first gap on the smooth
/// suite, beside L-BFGS with memory 10 and 60 and exact Newton, which is the limit: medians over `starts`
/// starts that differ by 1e-6. Last lines: geometric means of rounds of the better L-BFGS over its own.
void print_smooth_rounds(const std::vector<Index>& points, int starts, const std::string& only, int budget);

}  // namespace optex::bench
