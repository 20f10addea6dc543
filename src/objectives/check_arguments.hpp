#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/objective.hpp"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace optex {

/// Vectors of a wrong length would be read out of bounds: throws EvaluationError instead.
inline void check_arguments(const Objective& objective, ConstVectorRef theta, Index shard,
                            const VectorRef& gradient) {
  const Index d = objective.dimension();
  if (theta.size() != d || gradient.size() != d)
    throw EvaluationError(
        fmt::format("theta and gradient have lengths {} and {}, the problem has dimension {}", theta.size(),
                    gradient.size(), d));
  if (shard < 0 || shard >= objective.shard_count())
    throw EvaluationError(
        fmt::format("shard {} was asked for, the problem has {}", shard, objective.shard_count()));
}

/// Throws UsageError with the configuration's key unless `value` is finite and at least 0.
inline void check_not_negative(std::string_view key, double value) {
  if (!(value >= 0.0) || !std::isfinite(value))
    throw UsageError(fmt::format("{} = {}: must be a number of at least 0", key, value));
}

}  // namespace optex
