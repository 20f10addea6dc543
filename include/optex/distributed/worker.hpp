#pragma once

#include "optex/core/objective.hpp"
#include "optex/distributed/communicator.hpp"

namespace optex {

/// All that a rank other than 0 does in a run: evaluates what the Coordinator on rank 0 of the communicator
/// asks for, until it is told to stop. An objective that throws is answered as a failure. Naps while it has
/// nothing to do. Throws StallError when rank 0 is silent for Communicator::patience(), LaunchError when rank
/// 0's objective has another dimension or number of shards.
void serve(Communicator& communicator, const Objective& objective);

}  // namespace optex
