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
             Communicator& communicator, Outbox& outbox) {
  Stopwatch busy;
  Stopwatch silent;
  const auto post = [&](Answer answer) {
    answer.round = task.round;
    answer.point = task.point;
    if (answer.verdict != Verdict::working) answer.busy_seconds = busy.lap();
    post_answer(outbox, std::move(answer), pool);
    silent.lap();
  };
  Index next = task.shards.begin;  // first shard that is not answered yet
  const auto on_node = [&](PartialSum sum) {
    next = sum.node.end;
    Answer answer;
    answer.shards = sum.node;
    answer.value = sum.value;
    answer.gradient = std::move(sum.gradient);
    post(std::move(answer));
  };
  const auto after_shard = [&] {
    outbox.progress();
    if (silent.seconds() < communicator.sign_of_life_seconds()) return;
    Answer answer;
    answer.verdict = Verdict::working;
    answer.shards = {next, task.shards.end};
    post(std::move(answer));
  };
  const std::string failure =
      evaluate_shards(objective, task.key, theta, task.shards, pool, on_node, after_shard);
  if (failure.empty()) return;
  Answer answer;
  answer.verdict = Verdict::failed;
  answer.shards = {next, task.shards.end};
  answer.failure = failure;
  post(std::move(answer));
}

}  // namespace

Worker::Worker(Communicator& communicator, const Objective& objective)
    : communicator_(communicator),
      objective_(objective),
      state_size_(objective.initial_state().size()),
      outbox_(communicator) {
  if (communicator.rank() == 0) throw Error(ExitCode::internal, "rank 0 coordinates, it does not serve");
}

bool Worker::work_until_called() {
  const Index dimension = objective_.dimension();
  const Index shards = objective_.shard_count();
  for (;;) {
    const ReceivedTask received =
        receive_task(communicator_, dimension, shards, state_size_, pool_, [this] { outbox_.progress(); });
    switch (received.task.command) {
      case Command::evaluate:
        perform(received.task, *received.theta, objective_, pool_, communicator_, outbox_);
        break;
      case Command::renew:
        objective_.renew(*received.theta);
        break;
      case Command::alive:
        break;
      case Command::join:
        return true;
      case Command::stop:
        post_farewell(outbox_);
        outbox_.finish("it to take the last answers");
        return false;
    }
  }
}

bool Worker::serve() {
  try {
    return work_until_called();
  } catch (...) {
    communicator_.distrust();
    throw;
  }
}

void serve(Communicator& communicator, const Objective& objective) {
  if (Worker(communicator, objective).serve())
    throw Error(ExitCode::internal,
                "rank 0 calls for a step of the ranks that hold slices; this one has none");
}

}  // namespace optex
