#pragma once

#include "optex/core/objective.hpp"
#include "optex/distributed/communicator.hpp"
#include "optex/minimize/options.hpp"

#include <functional>
#include <memory>

namespace optex {

struct MpiOptions {
  bool coordinator_evaluates = true;  ///< rank 0 computes gradients too
  int ranks_per_worker = 1;  ///< for objectives that are made for a communicator: so many compute each answer
  double stall_seconds = 1800.0;  ///< a rank that is silent for so long ends the run (StallError)
};

/// minimize() on all ranks of a communicator, which all of them call together with the same options; MPI has
/// been initialised by the caller and stays theirs. It works on a duplicate of `parent`, so the caller's own
/// messages are safe, and `parent` may be any part of MPI_COMM_WORLD. Every rank needs the objective;
/// callbacks are called, and options other than `start` read, on rank 0 only. All ranks return the same
/// outcome.
///
/// Errors before and after the rounds (UsageError, what a callback throws) are thrown on every rank;
/// StallError only where it happens: MPI_Abort is then the way out.
Outcome minimize(MPI_Comm parent, const Objective& objective, const MinimizeOptions& options = {},
                 const MpiOptions& mpi = {});

/// The same for an objective that is itself parallel. The ranks of `parent` are divided into workers of
/// mpi.ranks_per_worker neighbours; each rank makes its objective for the communicator of its worker, and all
/// ranks of a worker are given the same calls at the same time. What its first rank returns is the answer.
/// Throws LaunchError when the ranks cannot be divided.
Outcome minimize(MPI_Comm parent,
                 const std::function<std::unique_ptr<const Objective>(MPI_Comm worker)>& make,
                 const MinimizeOptions& options, const MpiOptions& mpi);

}  // namespace optex
