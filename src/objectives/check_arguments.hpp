#pragma once

#include "optex/core/errors.hpp"
#include "optex/core/objective.hpp"

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

}  // namespace optex
