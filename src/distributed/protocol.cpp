#include "optex/distributed/protocol.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/numbers.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::uint16_t protocol_version = 2;
constexpr std::uint32_t task_magic = 0x4b53544fU;    // "OTSK"
constexpr std::uint32_t answer_magic = 0x534e414fU;  // "OANS"
constexpr std::size_t longest_failure = 4096;

constexpr int task_tag = 2;
constexpr int answer_tag = 3;
constexpr int farewell_tag = 8;

// The layouts below are the protocol: no padding, fixed widths. Change one, raise protocol_version.
struct TaskHeader {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t command;
  std::uint64_t round;
  std::int64_t point;
  std::int64_t dimension;
  std::int64_t shard_count;
  std::int64_t shard_begin;
  std::int64_t shard_end;
  std::uint64_t key_seed;
  std::int64_t key_iteration;
  std::int32_t key_point;
  std::int32_t key_batch;
  std::uint64_t key_whole;
};
static_assert(sizeof(TaskHeader) == sizeof(TaskBytes));

struct AnswerHeader {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t verdict;
  std::uint64_t round;
  std::int64_t point;
  std::int64_t shard_begin;
  std::int64_t shard_end;
  double value;
  double busy_seconds;
  std::uint64_t payload_bytes;
};
static_assert(sizeof(AnswerHeader) == sizeof(AnswerBytes));

[[noreturn]] void garbage(const std::string& what) {
  throw Error(ExitCode::internal, "garbled message between ranks: " + what);
}

template <class Header, std::size_t size>
std::array<std::byte, size> to_bytes(const Header& header) {
  std::array<std::byte, size> bytes;
  std::memcpy(bytes.data(), &header, size);
  return bytes;
}

template <class Header>
Header from_bytes(std::span<const std::byte> bytes, std::uint32_t magic) {
  Header header;
  if (bytes.size() != sizeof(Header)) garbage(fmt::format("a header of {} bytes", bytes.size()));
  std::memcpy(&header, bytes.data(), sizeof(Header));
  if (header.magic != magic) garbage(fmt::format("it begins with {:#010x}", header.magic));
  if (header.version != protocol_version)
    throw LaunchError(
        fmt::format("the ranks speak versions {} and {} of the protocol; all ranks must run the same program",
                    header.version, protocol_version));
  return header;
}

void check_range(ShardRange range) {
  if (range.begin < 0 || range.begin >= range.end)
    garbage(fmt::format("shards {} to {}", range.begin, range.end));
}

std::string text(ShardRange shards) {
  return shards.size() == 1 ? fmt::format("shard {}", shards.begin)
                            : fmt::format("shards {} to {}", shards.begin, shards.end - 1);
}

}  // namespace

// ---- tasks: rank 0 -> worker ----

TaskBytes encode(const Task& task) {
  return to_bytes<TaskHeader, sizeof(TaskHeader)>(
      {task_magic, protocol_version, static_cast<std::uint16_t>(task.command), task.round, task.point,
       task.dimension, task.shard_count, task.shards.begin, task.shards.end, task.key.seed,
       task.key.iteration, task.key.point, task.key.batch, task.key.whole ? 1U : 0U});
}

Task decode_task(std::span<const std::byte> bytes) {
  const auto header = from_bytes<TaskHeader>(bytes, task_magic);
  Task task;
  switch (static_cast<Command>(header.command)) {
    case Command::evaluate:
    case Command::alive:
    case Command::stop:
    case Command::renew:
    case Command::join:
      task.command = static_cast<Command>(header.command);
      break;
    default:
      garbage(fmt::format("command {}", header.command));
  }
  task.round = header.round;
  task.point = header.point;
  task.dimension = header.dimension;
  task.shard_count = header.shard_count;
  task.shards = {header.shard_begin, header.shard_end};
  if (task.command == Command::evaluate) {
    check_range(task.shards);
    if (task.shards.end > task.shard_count || task.dimension < 0 || task.point < 0 || header.key_whole > 1)
      garbage(fmt::format("a task for point {}, shards {} to {} of {}, dimension {}", task.point,
                          task.shards.begin, task.shards.end, task.shard_count, task.dimension));
  }
  task.key.seed = header.key_seed;
  task.key.iteration = header.key_iteration;
  task.key.point = header.key_point;
  task.key.batch = header.key_batch;
  task.key.whole = header.key_whole != 0;
  return task;
}

void post_task(Outbox& outbox, int worker, const Task& task, std::shared_ptr<const Vector> theta) {
  const auto header = std::make_shared<const TaskBytes>(encode(task));
  outbox.send(worker, task_tag, *header, header);
  const auto bytes = bytes_of(*theta);
  outbox.send(worker, task_tag, bytes, std::move(theta));
}

void post_renewal(Outbox& outbox, int worker, std::shared_ptr<const Vector> state) {
  Task task;
  task.command = Command::renew;
  task.dimension = state->size();
  post_task(outbox, worker, task, std::move(state));
}

void post_command(Outbox& outbox, int worker, Command command) {
  Task task;
  task.command = command;
  const auto header = std::make_shared<const TaskBytes>(encode(task));
  outbox.send(worker, task_tag, *header, header);
}

ReceivedTask receive_task(Communicator& communicator, Index dimension, Index shard_count, Index state_size,
                          VectorPool& pool, const std::function<void()>& meanwhile) {
  const auto header = std::make_shared<TaskBytes>();
  Transfer transfer = communicator.post_receive(0, task_tag, *header, header);
  communicator.wait(
      transfer, [] { return "the next task"; }, meanwhile);
  ReceivedTask received{decode_task(*header), nullptr};
  const Task& task = received.task;
  const bool renews = task.command == Command::renew;
  if (task.command != Command::evaluate && !renews) return received;
  if (renews && task.dimension != state_size)
    throw LaunchError(
        fmt::format("rank 0's objective has a state of {} numbers, that of {} one of {}; all ranks "
                    "must have the same configuration and data",
                    task.dimension, communicator.label(communicator.rank()), state_size));
  if (!renews && (task.dimension != dimension || task.shard_count != shard_count))
    throw LaunchError(fmt::format(
        "rank 0 works on dimension {} in {} shards, {} on dimension {} in {} shards; all ranks must "
        "have the same configuration and data",
        task.dimension, task.shard_count, communicator.label(communicator.rank()), dimension, shard_count));
  auto theta = pool.lend(pool.take(task.dimension));
  transfer = communicator.post_receive(0, task_tag, bytes_of(*theta), theta);
  communicator.wait(
      transfer, [] { return "the point of its next task"; }, meanwhile);
  received.theta = std::move(theta);
  return received;
}

// ---- answers: worker -> rank 0 ----

AnswerBytes encode_header(const Answer& answer) {
  std::size_t payload = 0;
  if (answer.verdict == Verdict::evaluated) payload = bytes_of(answer.gradient).size();
  if (answer.verdict == Verdict::failed) payload = answer.failure.size();
  return to_bytes<AnswerHeader, sizeof(AnswerHeader)>(
      {answer_magic, protocol_version, static_cast<std::uint16_t>(answer.verdict), answer.round, answer.point,
       answer.shards.begin, answer.shards.end, answer.value, answer.busy_seconds, payload});
}

AnswerHead decode_answer(std::span<const std::byte> bytes) {
  const auto header = from_bytes<AnswerHeader>(bytes, answer_magic);
  AnswerHead head;
  head.payload_bytes = header.payload_bytes;
  bool payload_fits = false;
  switch (static_cast<Verdict>(header.verdict)) {
    case Verdict::evaluated:
      payload_fits = head.payload_bytes % sizeof(double) == 0;
      break;
    case Verdict::failed:
      payload_fits = head.payload_bytes > 0 && head.payload_bytes <= longest_failure;
      break;
    case Verdict::working:
      payload_fits = head.payload_bytes == 0;
      break;
    default:
      garbage(fmt::format("verdict {}", header.verdict));
  }
  if (!payload_fits) garbage(fmt::format("verdict {} with {} bytes", header.verdict, head.payload_bytes));
  head.answer.verdict = static_cast<Verdict>(header.verdict);
  head.answer.round = header.round;
  head.answer.point = header.point;
  head.answer.shards = {header.shard_begin, header.shard_end};
  check_range(head.answer.shards);
  head.answer.value = header.value;
  head.answer.busy_seconds = header.busy_seconds;
  return head;
}

void post_answer(Outbox& outbox, Answer answer, VectorPool& pool) {
  answer.failure.resize(std::min(answer.failure.size(), longest_failure));
  const auto header = std::make_shared<const AnswerBytes>(encode_header(answer));
  outbox.send(0, answer_tag, *header, header);
  if (answer.verdict == Verdict::failed) {
    const auto failure = std::make_shared<const std::string>(std::move(answer.failure));
    outbox.send(0, answer_tag, std::as_bytes(std::span(*failure)), failure);
  } else if (answer.verdict == Verdict::evaluated) {
    const auto gradient = pool.lend(std::move(answer.gradient));
    outbox.send(0, answer_tag, bytes_of(std::as_const(*gradient)), gradient);
  }
}

void post_farewell(Outbox& outbox) {
  const auto word = std::make_shared<const std::byte>();
  outbox.send(0, farewell_tag, std::span(word.get(), 1), word);
}

bool took_farewell(Communicator& communicator, int worker) {
  if (!communicator.has_word_from(worker, farewell_tag)) return false;
  const auto word = std::make_shared<std::byte>();
  Transfer transfer = communicator.post_receive(worker, farewell_tag, std::span(word.get(), 1), word);
  communicator.wait(transfer, [] { return "its farewell"; });
  return true;
}

bool answer_waits(Communicator& communicator, int worker) {
  return communicator.has_word_from(worker, answer_tag);
}

std::optional<Answer> take_word(Communicator& communicator, int worker, const Task& task, ShardRange node,
                                VectorPool& pool, const std::function<void()>& meanwhile) {
  const auto what = [&] { return fmt::format("its answer to point {}, {}", task.key.point, text(node)); };
  const auto receive = [&](std::span<std::byte> bytes, std::shared_ptr<void> memory) {
    Transfer transfer = communicator.post_receive(worker, answer_tag, bytes, std::move(memory));
    communicator.wait(transfer, what, meanwhile);
  };

  const auto header = std::make_shared<AnswerBytes>();
  receive(*header, header);
  AnswerHead head = decode_answer(*header);
  const Answer& answer = head.answer;
  const bool evaluated = answer.verdict == Verdict::evaluated;
  const ShardRange expected = evaluated ? node : ShardRange{node.begin, task.shards.end};
  const auto gradient_bytes = static_cast<std::uint64_t>(task.dimension) * sizeof(double);
  if (answer.round != task.round || answer.point != task.point || answer.shards != expected ||
      (evaluated && head.payload_bytes != gradient_bytes))
    garbage(fmt::format("{} answered round {}, point {}, {} ({} bytes) to round {}, point {}, {}",
                        communicator.label(worker), answer.round, answer.point, text(answer.shards),
                        head.payload_bytes, task.round, task.point, text(node)));
  if (answer.verdict == Verdict::working) return std::nullopt;

  if (head.answer.verdict == Verdict::failed) {
    const auto failure = std::make_shared<std::string>(head.payload_bytes, '\0');
    receive(std::as_writable_bytes(std::span(*failure)), failure);
    head.answer.failure = *failure;
  } else {
    const auto gradient = pool.lend(pool.take(task.dimension));
    receive(bytes_of(*gradient), gradient);
    head.answer.gradient = std::move(*gradient);
  }
  return std::move(head.answer);
}

}  // namespace optex
