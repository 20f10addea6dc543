#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/core/stopwatch.hpp"

#include <atomic>
#include <new>

#include "sample_state.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_seed.hpp"
#include <gtest/gtest.h>
#include <sys/mman.h>

namespace optex {
namespace {

using test::StateBytes;

struct Progress {
  std::atomic<std::int64_t> begun{0}, finished{0};
};

// A process that saves for ever is killed at random moments: what it had finished is there, whole, every
// time.
TEST(Kill, NeverCostsAFinishedCheckpoint) {
  const test::TemporaryFolder outer;
  const test::StateShape shape{20000, 1, 4, 4};
  const CheckpointFolder folder(outer / "checkpoints");
  folder.prepare();
  void* const shared =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto* const progress = new (shared) Progress;
  // The process saves rather than draws; states that may meet in the folder share no number.
  std::vector<RunState> drawn;
  for (std::uint64_t i = 0; i < 7; ++i) drawn.push_back(test::random_state(i, shape));
  const auto state = [&](std::int64_t i) {
    RunState next = drawn[static_cast<std::size_t>(i) % drawn.size()];
    next.iteration = i;
    return next;
  };

  const Stopwatch watch;
  save_checkpoint(folder.file(0), state(0), test::sample_run());
  const auto longest_wait = static_cast<std::uint64_t>(2e6 * watch.seconds()) + 1;  // microseconds

  const test::TestSeed seed(7);
  std::mt19937_64 random(seed());
  int in_the_middle = 0;
  std::int64_t resumed = 0;
  for (int kill = 0; kill < 30; ++kill) {
    {
      test::ChildProcess child([&] {
        folder.prepare();
        const std::vector<std::int64_t> there = folder.iterations();
        std::set<std::int64_t> own(there.begin(), there.end());
        for (std::int64_t i = resumed + 1;; ++i) {
          const RunState next = state(i);
          progress->begun = i;
          folder.save(next, test::sample_run(), own, 2);
          progress->finished = i;
        }
        return 0;
      });
      while (progress->begun <= resumed) std::this_thread::sleep_for(std::chrono::microseconds(50));
      std::this_thread::sleep_for(std::chrono::microseconds(random() % longest_wait));
    }  // killed here
    for (const auto& file : std::filesystem::directory_iterator(folder.path()))
      in_the_middle += file.path().extension() == ".partial" ? 1 : 0;
    const auto found = folder.load_newest(test::expectation_of(state(1)));
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(found->warnings.empty());
    const std::int64_t iteration = found->checkpoint.state.iteration;
    ASSERT_GE(iteration, progress->finished);
    ASSERT_EQ(StateBytes::of(found->checkpoint.state), StateBytes::of(state(iteration)));
    resumed = progress->begun = progress->finished = iteration;
  }
  EXPECT_GT(in_the_middle, 0) << "no kill hit a save: the test proved nothing";
  ::munmap(shared, sizeof(Progress));
}

}  // namespace
}  // namespace optex
