#include "optex/mpi/minimize.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/agreement.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/worker.hpp"
#include "optex/minimize/minimize.hpp"

#include <exception>
#include <string>
#include <tuple>
#include <utility>

#include "outcome_text.hpp"

namespace optex {
namespace {

/// Rank 0's part: the rounds. What it throws is kept until the other ranks have left their work.
std::pair<Outcome, std::exception_ptr> coordinate(Communicator& communicator, const Objective& objective,
                                                  const Vector& start, const MinimizeOptions& options,
                                                  const MpiOptions& mpi) {
  Outcome outcome;
  std::exception_ptr failure;
  try {
    Coordinator coordinator(communicator, objective, {mpi.coordinator_evaluates});
    outcome = minimize(coordinator, start, objective.is_noisy(), options);
    if (outcome.code == ExitCode::success) outcome.measures = objective.assess(outcome.solution);
  } catch (const StallError&) {
    throw;
  } catch (...) {
    failure = std::current_exception();
  }
  // A silent rank would keep the others from leaving in good order.
  if (outcome.code == ExitCode::stall) throw StallError(outcome.message);
  return {std::move(outcome), failure};
}

}  // namespace

Outcome minimize(MPI_Comm parent, const Objective& objective, const MinimizeOptions& options,
                 const MpiOptions& mpi) {
  CommunicatorOptions waiting;
  waiting.stall_seconds = mpi.stall_seconds;
  Communicator communicator(parent, waiting);
  Vector start;
  run_agreed(communicator, [&] { start = start_of(options, objective); });
  check_same(communicator, {{"dimension", std::to_string(objective.dimension())},
                            {"shards", std::to_string(objective.shard_count())}});
  Outcome outcome;
  std::exception_ptr failure;
  if (communicator.rank() == 0)
    std::tie(outcome, failure) = coordinate(communicator, objective, start, options, mpi);
  else
    serve(communicator, objective);
  run_agreed(communicator, [&] {
    if (failure) std::rethrow_exception(failure);
  });
  const std::string bytes = communicator.broadcast(to_bytes(outcome), "the outcome");
  return communicator.rank() == 0 ? outcome : outcome_from(bytes);
}

}  // namespace optex
