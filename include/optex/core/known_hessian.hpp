#pragma once

#include "optex/core/types.hpp"

#include <functional>
#include <vector>

namespace optex {

/// An entry of the lower triangle, row >= column, of a symmetric matrix.
struct HessianEntry {
  Index row = 0, column = 0;
  double value = 0.0;
};

/// What is known of a Hessian at theta: Objective::known_hessian().
using KnownHessian = std::function<std::vector<HessianEntry>(ConstVectorRef theta)>;

/// Throws UsageError where an entry is not in the lower triangle of a d x d matrix.
void check_places(const std::vector<HessianEntry>& known, Index d);

}  // namespace optex
