#include "optex/core/known_hessian.hpp"

#include "optex/core/errors.hpp"

#include <cmath>
#include <string>

namespace optex {

void check_entries(const std::vector<HessianEntry>& known, Index d) {
  for (const HessianEntry& entry : known) {
    const bool is_lower = entry.column >= 0 && entry.column <= entry.row && entry.row < d;
    if (is_lower && std::isfinite(entry.value)) continue;
    throw UsageError("known_hessian: the entry in row " + std::to_string(entry.row) + ", column " +
                     std::to_string(entry.column) +
                     (is_lower ? " is not finite"
                               : " is not in the lower triangle of a matrix of " + std::to_string(d) +
                                     " rows (rows and columns count from 0, row >= column)"));
  }
}

}  // namespace optex
