#pragma once

#include "optex/core/types.hpp"
#include "optex/distributed/communicator.hpp"

#include <string>

namespace optex {

/// Rank 0's numbers on every rank, of any length, which all ranks know. Called by all together; `what`
/// completes "waiting for ...". Throws StallError.
void broadcast_numbers(Communicator& communicator, VectorRef numbers, const std::string& what);

}  // namespace optex
