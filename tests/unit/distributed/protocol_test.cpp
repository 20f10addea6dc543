#include "optex/distributed/protocol.hpp"

#include "optex/core/errors.hpp"

#include <limits>
#include <random>

#include <gmock/gmock.h>

namespace optex {
namespace {

using ::testing::HasSubstr;

Task some_task() {
  Task task;
  task.command = Command::evaluate;
  task.round = 0x0123456789abcdefU;
  task.point = 3;
  task.dimension = Index{1} << 33;
  task.shard_count = 12;
  task.shards = {4, 9};
  task.key = {.seed = ~std::uint64_t{0}, .iteration = -1, .point = 7, .batch = 2, .whole = true};
  return task;
}

Answer some_answer() {
  Answer answer;
  answer.round = 17;
  answer.point = 3;
  answer.shards = {4, 8};
  answer.value = -0.0;
  answer.busy_seconds = 1.5;
  answer.gradient = Vector::Ones(5);
  return answer;
}

/// What decoding says of bytes: "fine", "version" or "garbage".
template <class Decode>
std::string verdict(Decode decode) {
  try {
    decode();
    return "fine";
  } catch (const LaunchError&) {
    return "version";
  } catch (const Error&) {
    return "garbage";
  }
}

TEST(TaskHeader, SurvivesTheJourney) {
  for (const Command command : {Command::evaluate, Command::alive, Command::stop, Command::renew}) {
    Task task = some_task();
    task.command = command;
    const Task arrived = decode_task(encode(task));
    EXPECT_EQ(arrived.command, task.command);
    EXPECT_EQ(arrived.round, task.round);
    EXPECT_EQ(arrived.point, task.point);
    EXPECT_EQ(arrived.dimension, task.dimension);
    EXPECT_EQ(arrived.shard_count, task.shard_count);
    EXPECT_EQ(arrived.shards, task.shards);
    EXPECT_EQ(arrived.key, task.key);
  }
}

TEST(TaskHeader, WhatCannotBeIsRefused) {
  const auto of = [](auto change) {
    Task task = some_task();
    change(task);
    return verdict([&] { decode_task(encode(task)); });
  };
  EXPECT_EQ(of([](Task&) {}), "fine");
  EXPECT_EQ(of([](Task& task) { task.command = static_cast<Command>(9); }), "garbage");
  EXPECT_EQ(of([](Task& task) { task.shards = {4, 4}; }), "garbage");
  EXPECT_EQ(of([](Task& task) { task.shards = {-1, 4}; }), "garbage");
  EXPECT_EQ(of([](Task& task) { task.shards = {4, 13}; }), "garbage");
  EXPECT_EQ(of([](Task& task) { task.dimension = -1; }), "garbage");
  EXPECT_EQ(of([](Task& task) { task.point = -1; }), "garbage");
}

TEST(AnswerHeader, SurvivesTheJourney) {
  const Answer answer = some_answer();
  const AnswerHead head = decode_answer(encode_header(answer));
  EXPECT_EQ(head.answer.verdict, Verdict::evaluated);
  EXPECT_EQ(head.payload_bytes, 5 * sizeof(double));
  EXPECT_EQ(head.answer.round, answer.round);
  EXPECT_EQ(head.answer.point, answer.point);
  EXPECT_EQ(head.answer.shards, answer.shards);
  EXPECT_TRUE(std::signbit(head.answer.value));
  EXPECT_EQ(head.answer.busy_seconds, answer.busy_seconds);
}

TEST(AnswerHeader, CarriesNumbersThatAreNotFinite) {
  Answer answer = some_answer();
  answer.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(decode_answer(encode_header(answer)).answer.value));
}

TEST(AnswerHeader, AFailureAnnouncesItsText) {
  Answer answer = some_answer();
  answer.verdict = Verdict::failed;
  answer.failure = "point 3, shard 4: no";
  const AnswerHead head = decode_answer(encode_header(answer));
  EXPECT_EQ(head.answer.verdict, Verdict::failed);
  EXPECT_EQ(head.payload_bytes, answer.failure.size());
}

TEST(AnswerHeader, ASignOfLifeIsAHeaderAlone) {
  Answer answer = some_answer();
  answer.verdict = Verdict::working;
  EXPECT_EQ(decode_answer(encode_header(answer)).payload_bytes, 0U);
}

TEST(AnswerHeader, WhatCannotBeIsRefused) {
  const auto of = [](auto change) {
    Answer answer = some_answer();
    change(answer);
    return verdict([&] { decode_answer(encode_header(answer)); });
  };
  EXPECT_EQ(of([](Answer&) {}), "fine");
  EXPECT_EQ(of([](Answer& answer) { answer.shards = {5, 5}; }), "garbage");
  EXPECT_EQ(of([](Answer& answer) { answer.verdict = static_cast<Verdict>(0); }), "garbage");
  EXPECT_EQ(of([](Answer& answer) { answer.verdict = Verdict::failed; }), "garbage");  // without a text
  EXPECT_EQ(of([](Answer& answer) {
              answer.verdict = Verdict::failed;
              answer.failure.assign(1 << 20, 'x');
            }),
            "garbage");
}

TEST(Headers, OfAnotherKindVersionOrLengthAreRefused) {
  TaskBytes task = encode(some_task());
  AnswerBytes answer = encode_header(some_answer());
  EXPECT_EQ(verdict([&] { decode_task(answer); }), "garbage");
  EXPECT_EQ(verdict([&] { decode_task(std::span(task).first(87)); }), "garbage");
  EXPECT_EQ(verdict([&] { decode_answer(std::span<const std::byte>{}); }), "garbage");
  EXPECT_EQ(verdict([&] { decode_answer(std::span(task).first(64)); }), "garbage");

  task[4] = std::byte{99};  // where both headers have their version
  answer[4] = std::byte{99};
  EXPECT_EQ(verdict([&] { decode_task(task); }), "version");
  EXPECT_EQ(verdict([&] { decode_answer(answer); }), "version");
  try {
    decode_task(task);
  } catch (const LaunchError& error) {
    EXPECT_THAT(error.what(), HasSubstr("all ranks must run the same program"));
  }
}

TEST(Headers, RandomBytesAreNeverUndefinedBehaviour) {
  std::mt19937_64 random(1);
  for (int repetition = 0; repetition < 20000; ++repetition) {
    // A good header with a few bytes overwritten gets past the magic number more often than noise does.
    TaskBytes task = encode(some_task());
    AnswerBytes answer = encode_header(some_answer());
    for (int change = 0; change < 3; ++change) {
      task[random() % task.size()] = static_cast<std::byte>(random());
      answer[random() % answer.size()] = static_cast<std::byte>(random());
    }
    verdict([&] {
      const Task arrived = decode_task(task);
      if (arrived.command == Command::evaluate) {
        EXPECT_LE(0, arrived.shards.begin);
        EXPECT_LT(arrived.shards.begin, arrived.shards.end);
        EXPECT_LE(arrived.shards.end, arrived.shard_count);
      }
    });
    verdict([&] {
      const AnswerHead head = decode_answer(answer);
      EXPECT_LT(head.answer.shards.begin, head.answer.shards.end);
      if (head.answer.verdict == Verdict::failed) {
        EXPECT_LE(head.payload_bytes, 4096U);
      }
    });
  }
}

}  // namespace
}  // namespace optex
