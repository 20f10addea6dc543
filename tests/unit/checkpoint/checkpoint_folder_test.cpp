#include "optex/checkpoint/checkpoint_folder.hpp"

#include "optex/hdf5/replacement_file.hpp"

#include "sample_state.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>

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
  for (const std::uint64_t i : {1U, 2U, 3U, 4U, 5U}) save(i);
  test::write_bytes(folder_.path() / "notes.txt", "mine");
  folder_.prune(5, 3);
  EXPECT_THAT(folder_.iterations(), ElementsAre(3, 4, 5));
  EXPECT_EQ(test::read_bytes(folder_.path() / "notes.txt"), "mine");
}

// After a fall-back the damaged files are newer than what is saved next: they must not push it out.
TEST_F(Folder, PruningDropsAGivenUpFutureNotTheNewFile) {
  for (const std::uint64_t i : {1U, 2U, 8U, 9U}) save(i);
  damage(8);
  damage(9);
  save(3);
  folder_.prune(3, 1);
  EXPECT_THAT(folder_.iterations(), ElementsAre(3));
}

TEST_F(Folder, PreparingRemovesLeftoversOnly) {
  save(1);
  const auto leftover = hdf5::ReplacementFile::temporary_of(folder_.file(7));
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
