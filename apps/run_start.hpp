#pragma once

#include "optex/methods/run_state.hpp"
#include "optex/monitor/arrival_log.hpp"

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "experiment.hpp"
#include "ranks.hpp"

namespace optex::app {

/// Where a run starts, and what there is to say about it.
struct RunStart {
  Vector theta;
  std::exception_ptr failure =
      {};  ///< why there is no theta: a run that goes on from a checkpoint needs none
  std::vector<std::string> notes;
  std::optional<ArrivalLog> replay;  ///< what had arrived when, in another run
};

/// Rank 0: reads all that depends on the dimension, so that mistakes in there are told before anything is
/// written. Throws UsageError, and refuses what this machine cannot hold.
RunStart read_start(const Experiment& experiment, const Config& config, const Problem& problem,
                    const Ranks& ranks);

/// Settings that may be given anew at a resume, but not while gradients are still to come. Throws UsageError.
void check_outstanding(const Config& config, const RunState& state);

}  // namespace optex::app
