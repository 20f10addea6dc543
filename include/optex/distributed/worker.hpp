#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/distributed/communicator.hpp"

namespace optex {

/// All that a rank other than 0 does in a run: evaluates what the Coordinator on rank 0 of the communicator
/// asks for, until it is told to stop. An objective that throws is answered as a failure. Naps while it has
/// nothing to do. Throws StallError when rank 0 is silent for Communicator::patience(), LaunchError when rank
/// 0's objective has another dimension or number of shards.
void serve(Communicator& communicator, const Objective& objective);

/// The same in parts, for a rank that holds a slice of the state as well.
class Worker {
 public:
  /// Both must outlive this object.
  Worker(Communicator& communicator, const Objective& objective);

  /// Evaluates until rank 0 calls for a step of all ranks that hold slices (true: serve() again when it is
  /// done) or lets this one go (false).
  bool serve();

 private:
  bool work_until_called();

  Communicator& communicator_;
  const Objective& objective_;
  Index state_size_;  ///< of the objective's, which may be long to copy
  VectorPool pool_;
  Outbox outbox_;
};

}  // namespace optex
