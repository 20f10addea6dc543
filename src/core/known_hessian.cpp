#include "optex/core/known_hessian.hpp"

#include "optex/core/errors.hpp"

#include <string>

namespace optex {

void check_places(const std::vector<HessianEntry>& known, Index d) {
  for (const HessianEntry& entry : known) {
    if (entry.column >= 0 && entry.column <= entry.row && entry.row < d) continue;
    throw UsageError("known_hessian: the entry in row " + std::to_string(entry.row) + ", column " +
                     std::to_string(entry.column) + " is not in the lower triangle of a matrix of " +
                     std::to_string(d) + " rows (rows and columns count from 0, row >= column)");
  }
}

}  // namespace optex
