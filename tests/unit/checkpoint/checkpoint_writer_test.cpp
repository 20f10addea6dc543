#include "optex/checkpoint/checkpoint_writer.hpp"

#include "sample_state.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>

namespace optex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Outcome ended(const std::string& reason, ExitCode code = ExitCode::success) {
  Outcome outcome;
  outcome.reason = reason;
  outcome.code = code;
  return outcome;
}

class Writer : public testing::Test {
 protected:
  CheckpointWriter writer(CheckpointSchedule schedule) {
    return {folder_, test::sample_run(), schedule,
            [this](std::int64_t iteration, const std::filesystem::path&) { written_.push_back(iteration); }};
  }
  static void rounds(CheckpointWriter& writer, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t i = first; i <= last; ++i) writer.on_iteration(test::random_state(i), {});
  }

  const test::TemporaryFolder outer_;
  const CheckpointFolder folder_{outer_ / "checkpoints"};
  std::vector<std::int64_t> written_;
};

TEST_F(Writer, WritesAtMultiplesAndAtTheEnd) {
  CheckpointWriter writer = this->writer({3, {}, 2});
  writer.on_start(test::random_state(0));
  rounds(writer, 1, 10);
  EXPECT_THAT(written_, ElementsAre(3, 6, 9));
  EXPECT_EQ(writer.saved_iteration(), 9);
  writer.on_end(test::random_state(10), ended("iterations"));
  EXPECT_THAT(written_, ElementsAre(3, 6, 9, 10));
  EXPECT_THAT(folder_.iterations(), ElementsAre(9, 10));
}

TEST_F(Writer, InTheBackgroundTheFileIsCompleteWhenItHasBeenWaitedFor) {
  CheckpointWriter writer = this->writer({2, {}, 3, true});
  writer.on_start(test::random_state(0));
  const RunState second = test::random_state(2);
  writer.on_iteration(second, {});
  EXPECT_THAT(written_, IsEmpty());  // nobody hears of it before
  writer.finish();
  EXPECT_THAT(written_, ElementsAre(2));
  const RunState loaded = load_checkpoint(folder_.file(2), test::expectation_of(second)).state;
  EXPECT_EQ(test::StateBytes::of(loaded), test::StateBytes::of(second));
  const RunState fourth = test::random_state(4);
  writer.on_iteration(fourth, {});
  writer.on_checkpoint(fourth);  // waits, and finds it done
  EXPECT_THAT(written_, ElementsAre(2, 4));
  const RunState sixth = test::random_state(6);
  writer.on_iteration(sixth, {});
  writer.on_end(sixth, ended("iterations"));
  EXPECT_THAT(written_, ElementsAre(2, 4, 6));
  writer.finish();
  EXPECT_THAT(written_, ElementsAre(2, 4, 6));
}

TEST_F(Writer, WhatAResumedRunNeedsBesidesIsOnDiskBeforeAFileIsBegun) {
  for (const bool in_background : {false, true}) {
    std::vector<std::vector<std::int64_t>> there;  // at each call
    CheckpointWriter writer(folder_, test::sample_run(), {2, {}, 3, in_background}, {},
                            [&] { there.push_back(folder_.iterations()); });
    writer.on_start(test::random_state(0));
    const std::vector<RunState> states{test::random_state(1), test::random_state(2), test::random_state(3),
                                       test::random_state(4), test::random_state(5)};
    for (std::size_t i = 0; i < 4; ++i) writer.on_iteration(states[i], {});
    writer.on_end(states[4], ended("iterations"));
    EXPECT_THAT(there, ElementsAre(ElementsAre(), ElementsAre(2), ElementsAre(2, 4)));
    std::filesystem::remove_all(folder_.path());
  }
}

TEST_F(Writer, NoFileIsBegunWithoutIt) {
  CheckpointWriter writer(folder_, test::sample_run(), {2, {}, 3}, {},
                          [] { throw IoError("events.jsonl: no room"); });
  writer.on_start(test::random_state(0));
  EXPECT_THROW(rounds(writer, 1, 2), IoError);
  EXPECT_THAT(folder_.iterations(), IsEmpty());
}

TEST_F(Writer, WhatFailsInTheBackgroundIsToldToWhoWaits) {
  CheckpointWriter writer = this->writer({2, {}, 1, true});
  writer.on_start(test::random_state(0));
  std::filesystem::remove_all(folder_.path());
  test::write_bytes(folder_.path(), "a file");
  const RunState second = test::random_state(2);
  writer.on_iteration(second, {});
  EXPECT_THROW(writer.finish(), IoError);
  EXPECT_THAT(written_, IsEmpty());
  EXPECT_NO_THROW(writer.on_end(second, ended("error", ExitCode::io)));  // asked once
}

TEST_F(Writer, DoesNotWriteTheSameIterationTwice) {
  CheckpointWriter writer = this->writer({2, {}, 3});
  writer.on_start(test::random_state(0));
  rounds(writer, 1, 4);
  writer.on_checkpoint(test::random_state(4));
  writer.on_end(test::random_state(4), ended("iterations"));
  EXPECT_THAT(written_, ElementsAre(2, 4));
  CheckpointWriter resumed = this->writer({2, {}, 3});
  resumed.on_start(test::random_state(4));
  resumed.on_end(test::random_state(4), ended("iterations"));
  EXPECT_THAT(written_, ElementsAre(2, 4));
}

TEST_F(Writer, WritesOnDemand) {
  CheckpointWriter writer = this->writer({100, {}, 3});
  writer.on_start(test::random_state(0));
  rounds(writer, 1, 2);
  EXPECT_EQ(writer.last_seconds(), 0.0);
  writer.on_checkpoint(test::random_state(2));
  EXPECT_THAT(written_, ElementsAre(2));
  EXPECT_GT(writer.last_seconds(), 0.0);
  rounds(writer, 3, 3);
  EXPECT_EQ(writer.last_seconds(), 0.0);
}

TEST_F(Writer, WritesByTime) {
  CheckpointWriter always = writer({{}, 0.0, 3});
  always.on_start(test::random_state(0));
  rounds(always, 1, 2);
  EXPECT_THAT(written_, ElementsAre(1, 2));
  written_.clear();
  CheckpointWriter never = writer({{}, 1e9, 3});
  never.on_start(test::random_state(0));
  rounds(never, 1, 2);
  EXPECT_THAT(written_, IsEmpty());
}

TEST_F(Writer, AfterAnErrorSavesTheLastGoodRoundIfThereWasOne) {
  CheckpointWriter early = writer({10, {}, 3});
  early.on_start(test::random_state(0));
  early.on_end(test::random_state(0), ended("error", ExitCode::evaluation_failed));
  EXPECT_THAT(folder_.iterations(), IsEmpty());
  CheckpointWriter late = writer({10, {}, 3});
  late.on_start(test::random_state(0));
  rounds(late, 1, 4);
  late.on_end(test::random_state(4), ended("error", ExitCode::evaluation_failed));
  EXPECT_THAT(folder_.iterations(), ElementsAre(4));
}

TEST_F(Writer, ADiskThatRefusesIsAskedOnceAndTheOldFileStays) {
  CheckpointWriter writer = this->writer({2, {}, 1});
  writer.on_start(test::random_state(0));
  rounds(writer, 1, 2);
  test::ChildProcess child([&] {
    test::limit_file_size(2000);
    try {
      rounds(writer, 3, 4);
      return 1;
    } catch (const IoError&) {
      writer.on_end(test::random_state(4), ended("error", ExitCode::io));
      return 6;
    }
  });
  EXPECT_EQ(child.wait(), 6);
  EXPECT_THAT(folder_.iterations(), ElementsAre(2));
  EXPECT_NO_THROW(verify_checkpoint(folder_.file(2)));
}

TEST_F(Writer, FindsAnUnusablePlaceBeforeTheFirstRound) {
  test::write_bytes(folder_.path(), "a file");
  CheckpointWriter writer = this->writer({1, {}, 3});
  EXPECT_THROW(writer.on_start(test::random_state(0)), IoError);
}

}  // namespace
}  // namespace optex
