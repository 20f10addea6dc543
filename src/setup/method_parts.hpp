#pragma once

#include "optex/core/bounds.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/optimizers/optimizer.hpp"
#include "optex/setup/config.hpp"

#include <cstdint>

namespace optex {

/// What methods and update rules are built from alike.
std::uint64_t seed_of(const Config& config);
/// Those that the optimizer keeps to, which has them in memory, or else the configuration's.
Bounds bounds_of(const Config& config, const Evaluator& evaluator, const Optimizer* optimizer);

}  // namespace optex
