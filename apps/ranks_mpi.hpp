#pragma once

#include "optex/distributed/communicator.hpp"
#include "optex/distributed/session.hpp"

#include <memory>

#include "ranks.hpp"

namespace optex::app {

/// The ranks of a communicator, for programs that conduct several experiments beside each other. Made by all
/// of them together.
std::unique_ptr<Ranks> ranks_of(Session& session, MPI_Comm communicator);

}  // namespace optex::app
