#include "optex/checkpoint/checkpoint_folder.hpp"

#include "optex/files/replacement_file.hpp"

#include <limits>

#include "sample_state.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <sys/resource.h>

namespace optex {
namespace {

using test::StateBytes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder : public testing::Test {
 protected:
  Folder() { folder_.prepare(); }

  void save(std::uint64_t iteration) {
    save_checkpoint(folder_.file(static_cast<std::int64_t>(iteration)), test::random_state(iteration),
                    test::sample_run());
  }
  void save(std::uint64_t iteration, std::set<std::int64_t>& own, std::int64_t keep) const {
    folder_.save(test::random_state(iteration), test::sample_run(), own, keep);
  }
  void damage(std::int64_t iteration) { std::filesystem::resize_file(folder_.file(iteration), 1000); }
  std::optional<FoundCheckpoint> load() const {
    return folder_.load_newest(test::expectation_of(test::random_state(1)));
  }

  const test::TemporaryFolder outer_;
  const CheckpointFolder folder_{outer_ / "checkpoints"};
};

TEST_F(Folder, NamesFilesByIteration) {
  EXPECT_EQ(folder_.file(120).filename(), "iteration-000120.h5");
  EXPECT_EQ(folder_.file(12345678).filename(), "iteration-12345678.h5");
  for (const char* name :
       {"iteration-000120.h5", "iteration-12345678.h5", "iteration-000003.h5", "iteration-3.h5", "notes.txt",
        "iteration-00000x.h5", "iteration--00003.h5", "iteration-000009.h5.partial"})
    test::write_bytes(folder_.path() / name, "");
  std::filesystem::create_directory(folder_.path() / "iteration-000044.h5");
  std::filesystem::create_symlink("iteration-000003.h5", folder_.path() / "iteration-000055.h5");
  EXPECT_THAT(folder_.iterations(), ElementsAre(3, 120, 12345678));
}

TEST_F(Folder, NothingThereIsNoError) {
  EXPECT_FALSE(load().has_value());
  EXPECT_FALSE(CheckpointFolder(outer_ / "missing").load_newest({}).has_value());
}

// Without what is long, and with all that the next checkpoints repeat of the run.
TEST_F(Folder, CheckpointsAreExamined) {
  const Expectation expected = test::expectation_of(test::random_state(1));
  for (const std::uint64_t i : {9U, 10U, 11U}) save(i);
  damage(10);
  const auto newest = folder_.find_newest(expected);
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->checkpoint.state.iteration, 11);
  EXPECT_EQ(newest->checkpoint.state.theta.size(), 0);
  EXPECT_EQ(newest->checkpoint.run.coordinate_files, test::sample_run().coordinate_files);
  const auto of = [&](std::int64_t round) { return folder_.examine(round, [&] { return expected; }); };
  ASSERT_TRUE(of(9).has_value());
  EXPECT_EQ(of(9)->evaluations, test::random_state(9).evaluations);
  EXPECT_FALSE(of(10).has_value());
  EXPECT_FALSE(of(8).has_value());
}

TEST_F(Folder, TheNewestIsLoaded) {
  for (const std::uint64_t i : {9U, 10U, 100U}) save(i);
  const auto found = load();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->file, folder_.file(100));
  EXPECT_THAT(found->warnings, IsEmpty());
  EXPECT_EQ(StateBytes::of(found->checkpoint.state), StateBytes::of(test::random_state(100)));
}

TEST_F(Folder, FallsBackToTheLastWholeOneAndSaysSo) {
  for (const std::uint64_t i : {9U, 10U, 100U}) save(i);
  damage(100);
  damage(10);
  const auto found = load();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(StateBytes::of(found->checkpoint.state), StateBytes::of(test::random_state(9)));
  EXPECT_THAT(found->warnings,
              ElementsAre(HasSubstr("iteration-000100.h5"), HasSubstr("iteration-000010.h5")));
}

TEST_F(Folder, NoneWholeIsAnErrorThatNamesThemAll) {
  for (const std::uint64_t i : {9U, 10U}) save(i);
  damage(10);
  damage(9);
  try {
    load();
    FAIL();
  } catch (const CheckpointError& error) {
    EXPECT_EQ(error.code(), ExitCode::checkpoint);
    EXPECT_THAT(error.what(), HasSubstr("iteration-000010.h5"));
    EXPECT_THAT(error.what(), HasSubstr("iteration-000009.h5"));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
  }
}

TEST_F(Folder, AnotherRunsCheckpointIsNotSkippedForAnOlderOne) {
  save(9);
  RunDescription other = test::sample_run();
  other.config_hash = "other";
  save_checkpoint(folder_.file(10), test::random_state(10), other);
  EXPECT_THROW(load(), CheckpointError);
}

TEST_F(Folder, PruningKeepsTheNewestAndWhatIsNotOurs) {
  std::set<std::int64_t> own;
  test::write_bytes(folder_.path() / "notes.txt", "mine");
  for (const std::uint64_t i : {1U, 2U, 3U, 4U}) save(i, own, 3);
  test::write_bytes(folder_.file(1), "brought here meanwhile");
  test::write_bytes(folder_.file(90), "brought here meanwhile");
  save(5, own, 3);
  EXPECT_THAT(folder_.iterations(), ElementsAre(1, 3, 4, 5, 90));
  EXPECT_THAT(own, ElementsAre(3, 4, 5));
  EXPECT_EQ(test::read_bytes(folder_.path() / "notes.txt"), "mine");
}

TEST_F(Folder, PruningNeverRemovesTheNewest) {
  for (const std::int64_t keep :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    std::set<std::int64_t> own;
    for (const std::uint64_t i : {7U, 8U}) save(i, own, keep);
    EXPECT_THAT(folder_.iterations(), ElementsAre(8)) << keep;
  }
  std::set<std::int64_t> own{8};
  for (const std::uint64_t i : {9U, 10U}) save(i, own, std::numeric_limits<std::int64_t>::max());
  EXPECT_THAT(folder_.iterations(), ElementsAre(8, 9, 10));
}

// After a fall-back the damaged files are newer than what is saved next: they must not push it out.
TEST_F(Folder, PruningDropsAGivenUpFutureNotTheNewFile) {
  for (const std::uint64_t i : {1U, 2U, 8U, 9U}) save(i);
  damage(8);
  damage(9);
  std::set<std::int64_t> own{1, 2, 8, 9};
  save(3, own, 1);
  EXPECT_THAT(folder_.iterations(), ElementsAre(3));
}

// A foreign folder that is swapped in under the same name is neither written nor pruned.
TEST_F(Folder, ALinkSwappedInLaterIsNotFollowed) {
  std::set<std::int64_t> own;
  for (const std::uint64_t i : {1U, 2U}) save(i, own, 1);
  std::filesystem::create_directory(outer_ / "foreign");
  for (const std::int64_t i : {1, 2})
    test::write_bytes(outer_ / "foreign" / folder_.file(i).filename(), "precious");
  std::filesystem::rename(folder_.path(), outer_ / "moved");
  std::filesystem::create_directory_symlink(outer_ / "foreign", folder_.path());
  EXPECT_THROW(save(3, own, 1), IoError);
  for (const std::int64_t i : {1, 2})
    EXPECT_EQ(test::read_bytes(outer_ / "foreign" / folder_.file(i).filename()), "precious");
  EXPECT_FALSE(std::filesystem::exists(outer_ / "foreign" / folder_.file(3).filename()));
}

// That it cannot be read just now says nothing about its content.
TEST_F(Folder, AnUnreadableNewestOneIsNoReasonToFallBack) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer needs descriptors of its own when it looks at an exception";
#endif
  for (const std::uint64_t i : {9U, 10U}) save(i);
  // With fewer and fewer descriptors, so that every step of it fails once.
  test::ChildProcess child([&] {
    bool refused = false;
    for (rlim_t most = 40; most > 2; --most) {
      const struct rlimit few = {most, most};
      ::setrlimit(RLIMIT_NOFILE, &few);
      try {
        if (load()->file != folder_.file(10)) return 9;
        if (refused) return 1;
      } catch (const CheckpointError&) {
        return 5;
      } catch (const IoError&) {
        refused = true;
      }
    }
    return refused ? 6 : 0;
  });
  EXPECT_EQ(child.wait(), 6);
  EXPECT_EQ(load()->file, folder_.file(10));
}

TEST_F(Folder, PreparingRemovesLeftoversOnly) {
  save(1);
  const auto leftover = folder_.path() / files::ReplacementFile::temporary_of("iteration-000007.h5");
  test::write_bytes(leftover, "half");
  test::write_bytes(folder_.path() / ".notes.partial", "mine");
  folder_.prepare();
  EXPECT_FALSE(std::filesystem::exists(leftover));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / ".notes.partial"));
  EXPECT_THAT(folder_.iterations(), ElementsAre(1));
}

TEST_F(Folder, IsNeverReachedThroughALink) {
  std::filesystem::create_directory(outer_ / "elsewhere");
  std::filesystem::create_symlink(outer_ / "elsewhere", outer_ / "link");
  EXPECT_THROW(CheckpointFolder(outer_ / "link").prepare(), IoError);
  test::write_bytes(outer_ / "file", "");
  EXPECT_THROW(CheckpointFolder(outer_ / "file").prepare(), IoError);
  EXPECT_THROW(CheckpointFolder(outer_ / "missing" / "checkpoints").prepare(), IoError);
  // A link in the place of a checkpoint is replaced; what it points to is left alone.
  test::write_bytes(outer_ / "precious", "data");
  std::filesystem::create_symlink(outer_ / "precious", folder_.file(5));
  save(5);
  EXPECT_EQ(test::read_bytes(outer_ / "precious"), "data");
  EXPECT_THAT(folder_.iterations(), ElementsAre(5));
}

}  // namespace
}  // namespace optex
