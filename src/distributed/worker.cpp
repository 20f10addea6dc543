#include "optex/distributed/worker.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/distributed/protocol.hpp"
#include "optex/evaluation/shard_evaluation.hpp"

#include <string>
#include <utility>

namespace optex {
namespace {

/// Answers one task. Gradients wait here until rank 0 takes them; the next shards are computed meanwhile.
void perform(const Task& task, const Vector& theta, const Objective& objective, VectorPool& pool,
             Outbox& outbox) {
  Stopwatch watch;
  const auto post = [&](Answer answer) {
    answer.round = task.round;
    answer.point = task.point;
    answer.busy_seconds = watch.lap();
    post_answer(outbox, std::move(answer), pool);
  };
  Index next = task.shards.begin;  // first shard that is not answered yet
  const std::string failure = evaluate_shards(
      objective, task.key, theta, task.shards, pool,
      [&](PartialSum sum) {
        next = sum.node.end;
        post({.shards = sum.node, .value = sum.value, .failure = {}, .gradient = std::move(sum.gradient)});
      },
      [&outbox] { outbox.progress(); });
  if (!failure.empty()) post({.shards = {next, task.shards.end}, .failure = failure, .gradient = {}});
}

void work_until_told_to_stop(Communicator& communicator, const Objective& objective) {
  const Index dimension = objective.dimension();
  const Index shards = objective.shard_count();
  VectorPool pool;
  Outbox outbox(communicator);
  for (;;) {
    const ReceivedTask received =
        receive_task(communicator, dimension, shards, pool, [&outbox] { outbox.progress(); });
    switch (received.task.command) {
      case Command::evaluate:
        perform(received.task, *received.theta, objective, pool, outbox);
        break;
      case Command::alive:
        break;
      case Command::stop:
        outbox.finish("it to take the last answers");
        return;
    }
  }
}

}  // namespace

void serve(Communicator& communicator, const Objective& objective) {
  if (communicator.rank() == 0) throw Error(ExitCode::internal, "rank 0 coordinates, it does not serve");
  try {
    work_until_told_to_stop(communicator, objective);
  } catch (...) {
    communicator.distrust();
    throw;
  }
}

}  // namespace optex
