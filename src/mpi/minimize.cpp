#include "optex/mpi/minimize.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/agreement.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/numbers.hpp"
#include "optex/distributed/worker.hpp"
#include "optex/distributed/worker_group.hpp"
#include "optex/driver/rounds.hpp"
#include "optex/minimize/minimize.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
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
    outcome = minimize(coordinator, start, objective.is_noisy(), knowing(objective, options));
    if (outcome.code == ExitCode::success)
      measure_answer(outcome, [&objective](ConstVectorRef theta) { return objective.assess(theta); });
  } catch (const StallError&) {
    throw;
  } catch (...) {
    failure = std::current_exception();
  }
  // A silent rank would keep the others from leaving in good order.
  if (outcome.code == ExitCode::stall) throw StallError(outcome.message);
  return {std::move(outcome), failure};
}

/// Rank 0's outcome on every rank. The solution may be longer than a text.
void share(Communicator& communicator, Outcome& outcome) {
  Outcome brief = outcome;
  const Vector empty;
  brief.solution = empty;
  const Index length = outcome.solution.size();
  const std::string words =
      communicator.broadcast(std::to_string(length) + " " + to_bytes(brief), "the outcome");
  const std::size_t gap = words.find(' ');
  Vector solution(std::stoll(words.substr(0, gap)));
  if (communicator.rank() == 0) solution = outcome.solution;
  broadcast_numbers(communicator, solution, "the solution");
  if (communicator.rank() == 0) return;
  outcome = outcome_from(std::string_view(words).substr(gap + 1));
  outcome.solution = std::move(solution);
}

CommunicatorOptions waiting_as(const MpiOptions& mpi) {
  CommunicatorOptions options;
  options.stall_seconds = mpi.stall_seconds;
  return options;
}

}  // namespace

Outcome minimize(MPI_Comm parent, const Objective& objective, const MinimizeOptions& options,
                 const MpiOptions& mpi) {
  Communicator communicator(parent, waiting_as(mpi));
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
  share(communicator, outcome);
  return outcome;
}

Outcome minimize(MPI_Comm parent, const std::function<std::unique_ptr<const Objective>(MPI_Comm)>& make,
                 const MinimizeOptions& options, const MpiOptions& mpi) {
  const WorkerGroup group(parent, mpi.ranks_per_worker);
  Communicator everybody(parent, waiting_as(mpi));
  Communicator members(group.members(), waiting_as(mpi));
  std::unique_ptr<const Objective> own;
  run_agreed(everybody, [&] { own = make(group.members()); });
  Outcome outcome;
  std::optional<Failure> failure;
  if (group.leads()) {
    const GroupObjective shared(members, std::move(own));
    try {
      outcome = minimize(group.leaders(), shared, options, mpi);
    } catch (const StallError&) {
      throw;
    } catch (const Error& error) {
      failure = Failure{error.code(), error.what()};
    }
    shared.release();
  } else {
    assist(members, *own);
  }
  agree(everybody, failure);
  share(everybody, outcome);
  return outcome;
}

}  // namespace optex
