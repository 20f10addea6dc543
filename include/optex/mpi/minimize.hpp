#pragma once

#include "optex/core/objective.hpp"
#include "optex/distributed/communicator.hpp"
#include "optex/minimize/options.hpp"

namespace optex {

struct MpiOptions {
  bool coordinator_evaluates = true;  ///< rank 0 computes gradients too
  double stall_seconds = 1800.0;      ///< a rank that is silent for so long ends the run (StallError)
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

}  // namespace optex
