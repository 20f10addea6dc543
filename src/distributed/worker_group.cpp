#include "optex/distributed/worker_group.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/numbers.hpp"

#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <limits>
#include <string_view>

#include <fmt/format.h>

namespace optex {
namespace {

enum class GroupCommand : std::uint64_t { evaluate = 1, assess = 2, release = 3, exhibit = 4 };

/// What the members are to do; theta follows unless they are let go. No padding.
struct GroupTask {
  GroupCommand command = GroupCommand::release;
  std::int64_t shard = 0;
  std::uint64_t seed = 0;
  std::int64_t iteration = 0;
  std::int32_t point = 0;
  std::int32_t batch = 0;
  std::uint64_t whole = 0;
};
static_assert(sizeof(GroupTask) == 48);

std::string as_text(const GroupTask& task) { return {reinterpret_cast<const char*>(&task), sizeof task}; }

GroupTask as_task(const std::string& text) {
  GroupTask task;
  if (text.size() != sizeof task) throw Error(ExitCode::internal, "garbled message within a worker's ranks");
  std::memcpy(&task, text.data(), sizeof task);
  return task;
}

/// Empty, or 'i' for an infeasible point and 'f' for a failure, with the reason behind it.
std::string verdict_of(const std::function<void()>& step) {
  try {
    step();
    return {};
  } catch (const InfeasiblePoint& error) {
    return std::string("i") + error.what();
  } catch (const std::exception& error) {
    return std::string("f") + error.what();
  } catch (...) {
    return "fsomething was thrown that is no std::exception";
  }
}

void throw_first(const std::vector<std::string>& verdicts) {
  constexpr std::string_view prefix = "infeasible: ";  // which InfeasiblePoint adds again
  for (std::size_t rank = 0; rank < verdicts.size(); ++rank) {
    if (verdicts[rank].empty()) continue;
    std::string reason = verdicts[rank].substr(1);
    if (verdicts[rank].front() == 'i') {
      if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
      throw InfeasiblePoint(reason == "infeasible" ? "" : reason);
    }
    throw EvaluationError(rank == 0 ? reason : fmt::format("member {} of the worker: {}", rank, reason));
  }
}

constexpr const char* for_the_leader = "the leader of its worker";
constexpr const char* for_the_member = "a member of its worker";

}  // namespace

WorkerGroup::WorkerGroup(MPI_Comm parent, int ranks_per_worker) {
  int rank = 0;
  int size = 1;
  MPI_Comm_rank(parent, &rank);
  MPI_Comm_size(parent, &size);
  if (ranks_per_worker < 1 || size % ranks_per_worker != 0)
    throw LaunchError(
        fmt::format("parallel.ranks_per_worker = {}: {} ranks cannot be divided into such groups",
                    ranks_per_worker, size));
  leads_ = rank % ranks_per_worker == 0;
  MPI_Comm_split(parent, rank / ranks_per_worker, rank, &members_);
  MPI_Comm_split(parent, leads_ ? 0 : MPI_UNDEFINED, rank, &leaders_);
}

WorkerGroup::~WorkerGroup() {
  int over = 0;
  MPI_Finalized(&over);
  if (over != 0) return;
  if (leaders_ != MPI_COMM_NULL) MPI_Comm_free(&leaders_);
  if (members_ != MPI_COMM_NULL) MPI_Comm_free(&members_);
}

// ---- the leader ----

double GroupObjective::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                          VectorRef gradient) const {
  communicator_.broadcast(as_text({GroupCommand::evaluate, shard, key.seed, key.iteration, key.point,
                                   key.batch, key.whole ? std::uint64_t{1} : std::uint64_t{0}}),
                          for_the_member);
  Vector copy = theta;
  broadcast_numbers(communicator_, copy, for_the_member);
  double value = std::numeric_limits<double>::quiet_NaN();
  const std::string own =
      verdict_of([&] { value = inner().value_and_gradient(theta, key, shard, gradient); });
  throw_first(communicator_.gather(own, for_the_member));
  return value;
}

std::vector<Measure> GroupObjective::assess(ConstVectorRef theta) const {
  communicator_.broadcast(as_text({.command = GroupCommand::assess}), for_the_member);
  Vector copy = theta;
  broadcast_numbers(communicator_, copy, for_the_member);
  std::vector<Measure> measures;
  const std::string own = verdict_of([&] { measures = inner().assess(theta); });
  throw_first(communicator_.gather(own, for_the_member));
  return measures;
}

std::vector<Exhibit> GroupObjective::exhibits(ConstVectorRef theta) const {
  communicator_.broadcast(as_text({.command = GroupCommand::exhibit}), for_the_member);
  Vector copy = theta;
  broadcast_numbers(communicator_, copy, for_the_member);
  std::vector<Exhibit> exhibits;
  const std::string own = verdict_of([&] { exhibits = inner().exhibits(theta); });
  throw_first(communicator_.gather(own, for_the_member));
  return exhibits;
}

void GroupObjective::release() const {
  communicator_.broadcast(as_text({.command = GroupCommand::release}), for_the_member);
}

// ---- the others ----

void assist(Communicator& communicator, const Objective& objective) {
  Vector theta(objective.dimension());
  Vector gradient(objective.dimension());
  for (;;) {
    const GroupTask task = as_task(communicator.broadcast("", for_the_leader));
    if (task.command == GroupCommand::release) return;
    broadcast_numbers(communicator, theta, for_the_leader);
    SampleKey key;
    key.seed = task.seed;
    key.iteration = task.iteration;
    key.point = task.point;
    key.batch = task.batch;
    key.whole = task.whole != 0;
    communicator.gather(verdict_of([&] {
                          if (task.command == GroupCommand::assess)
                            objective.assess(theta);
                          else if (task.command == GroupCommand::exhibit)
                            objective.exhibits(theta);
                          else
                            objective.value_and_gradient(theta, key, task.shard, gradient);
                        }),
                        for_the_leader);
  }
}

}  // namespace optex
