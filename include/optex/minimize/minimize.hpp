#pragma once

#include "optex/core/objective.hpp"
#include "optex/minimize/options.hpp"

namespace optex {

/// Minimises on this process alone:
///
///   struct Mine : optex::Objective { ... };
///   const optex::Outcome outcome = optex::minimize(Mine(), {.learning_rate = 0.02});
///   outcome.solution, outcome.final_value, outcome.reason
///
/// optex/mpi/minimize.hpp has the same for all ranks of a communicator; the numbers are the same, bit for
/// bit. Errors of a round (a failed evaluation, a NaN) end the run with their ExitCode in the outcome;
/// UsageError is thrown when the options make no sense.
Outcome minimize(const Objective& objective, const MinimizeOptions& options = {});

/// The same with evaluations that somebody else organises. theta: d.
Outcome minimize(Evaluator& evaluator, ConstVectorRef theta, bool noisy, const MinimizeOptions& options);

}  // namespace optex
