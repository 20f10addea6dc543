#pragma once

#include "optex/core/fold_tree.hpp"
#include "optex/core/sample_key.hpp"
#include "optex/core/types.hpp"
#include "optex/core/vector_pool.hpp"
#include "optex/distributed/communicator.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

/// What rank 0 and the others say to each other during a run: both halves of every exchange.
///
///   rank 0 -> rank r   TaskHeader, then theta (d doubles) when the command is `evaluate`, or the objective's
///                      new state (as many doubles as `dimension` says) when it is `renew`
///   rank r -> rank 0   AnswerHeader, then the gradient (d doubles) or the text of a failure
///
/// A worker answers its tasks in the order in which it got them. One task is answered by one message for each
/// covering node of its shards, left to right; a failure replaces the nodes that are still missing. Before
/// any of them, a worker that computes for long says so now and then, by a header alone. After `stop` it
/// says farewell, in one byte with a tag of its own. Headers are fixed-size little structs that begin with a
/// magic number and a version; whatever does not check out is an Error, never a guess.
namespace optex {

enum class Command : std::uint16_t {
  evaluate = 1,
  alive = 2,  ///< nothing to do yet: rank 0 is busy, do not give it up
  stop = 3,
  renew = 4,  ///< the objective's state changes
  join = 5,   ///< those who hold slices of the state: leave serve() for a step of all of them
};

/// What rank 0 wants of a worker.
struct Task {
  Command command = Command::stop;
  std::uint64_t round = 0;
  Index point = 0;  ///< position in the round
  Index dimension = 0;
  Index shard_count = 0;  ///< of the objective
  ShardRange shards;      ///< to be evaluated
  SampleKey key;
};

enum class Verdict : std::uint16_t {
  evaluated = 1,
  failed = 2,
  working = 3,  ///< nothing to show yet: the worker computes, do not give it up
};

/// One node of a task's shards, or why there is none.
struct Answer {
  Verdict verdict = Verdict::evaluated;
  std::uint64_t round = 0;
  Index point = 0;
  ShardRange shards;  ///< the node; without one, all shards that are not answered yet
  double value = 0.0;
  double busy_seconds = 0.0;  ///< spent computing since the last answer
  std::string failure;        ///< why it failed; else empty
  Vector gradient;            ///< length d when evaluated; else empty
};

/// The headers as they travel. Decoding throws LaunchError when the other side speaks another version, Error
/// (internal) for anything else that cannot be.
using TaskBytes = std::array<std::byte, 88>;
TaskBytes encode(const Task& task);
Task decode_task(std::span<const std::byte> bytes);

using AnswerBytes = std::array<std::byte, 64>;
AnswerBytes encode_header(const Answer& answer);
/// Fills in everything but failure and gradient; `payload_bytes` is the length of whichever follows.
struct AnswerHead {
  Answer answer;
  std::uint64_t payload_bytes = 0;
};
AnswerHead decode_answer(std::span<const std::byte> bytes);

/// A task to evaluate at theta (length d).
void post_task(Outbox& outbox, int worker, const Task& task, std::shared_ptr<const Vector> theta);
/// The objective's new state.
void post_renewal(Outbox& outbox, int worker, std::shared_ptr<const Vector> state);
/// Any other command.
void post_command(Outbox& outbox, int worker, Command command);

/// The next task and its theta (null unless there is something to evaluate), or the objective's new state.
/// Throws LaunchError when rank 0's objective has another dimension, number of shards or length of its state,
/// StallError when rank 0 is silent.
struct ReceivedTask {
  Task task;
  std::shared_ptr<const Vector> theta;  ///< or the state
};
ReceivedTask receive_task(Communicator& communicator, Index dimension, Index shard_count, Index state_size,
                          VectorPool& pool, const std::function<void()>& meanwhile);

void post_answer(Outbox& outbox, Answer answer, VectorPool& pool);

/// The last word of a worker that was told to stop: it has nothing more to send and to take.
void post_farewell(Outbox& outbox);
/// Takes it when it is there.
bool took_farewell(Communicator& communicator, int worker);

/// True when something that `worker` has said waits to be received.
bool answer_waits(Communicator& communicator, int worker);

/// Takes the next message of `worker`, which must be about this node of this task. Nothing when it only says
/// that it computes. Throws SilentRankError when the worker is silent, Error (internal) when it answers
/// something else.
std::optional<Answer> take_word(Communicator& communicator, int worker, const Task& task, ShardRange node,
                                VectorPool& pool, const std::function<void()>& meanwhile);

}  // namespace optex
