#pragma once

#include "optex/core/objective.hpp"
#include "optex/distributed/communicator.hpp"

namespace optex {

/// Whether each rank's answers are its own. An objective that communicates over MPI_COMM_WORLD behind our
/// back mixes the points of all ranks: sums over two ranks are twice as large, or belong to no point at all.
///
/// Called by all ranks together, who ask their objectives (the first shard) at the same time: first all at
/// `theta` (length d, the same on all), then every second rank at another point, then the others. An answer
/// that a rank's own point does not explain is thrown on all ranks as a UsageError (AgreedError). Objectives
/// that do not repeat themselves, or fail, are left alone. Cost: three or four gradients of a shard.
void check_independent(Communicator& communicator, const Objective& objective, ConstVectorRef theta);

}  // namespace optex
