#pragma once

#include "optex/core/types.hpp"

#include <string>
#include <vector>

namespace optex::bench {

struct SmoothTable {
  std::vector<Index> points;  ///< N
  int starts = 1;             ///< that differ by 1e-6; medians
  int budget = 500;           ///< rounds
  std::string only;           ///< problems whose names have one of these texts, parted by ';', in them
  std::string data;           ///< folder of real data; "": without
  std::string baselines;      ///< file that remembers what others need; "": none
};

/// Prints how many rounds `surrogate` needs to 1e-2, 1e-4, 1e-6 and 1e-8 of the first gap on the smooth
/// suite, beside L-BFGS with memory 10 and 60 and exact Newton, which is the limit. Last lines: geometric
/// means of rounds of the better L-BFGS over its own, and the worst rows.
void print_smooth_rounds(const SmoothTable& table);

}  // namespace optex::bench
