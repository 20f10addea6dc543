#include "optex/files/replacement_file.hpp"

#include "optex/core/errors.hpp"

#include <iterator>

#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

namespace optex::files {
namespace {

using std::filesystem::directory_iterator;

std::ptrdiff_t file_count(const std::filesystem::path& folder) {
  return std::distance(directory_iterator(folder), directory_iterator());
}

TEST(ReplacementFile, TheOldContentStaysUntilTheCommit) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "status", "old");
  {
    const ReplacementFile replacement(folder / "status");
    replacement.content().write_all("half of the n", 13);
    EXPECT_EQ(test::read_bytes(folder / "status"), "old");
  }
  EXPECT_EQ(test::read_bytes(folder / "status"), "old");
  EXPECT_EQ(file_count(folder.path()), 1);
  replace_text(folder / "status", "new");
  EXPECT_EQ(test::read_bytes(folder / "status"), "new");
  replace_text(folder / "status", "newer", Durability::process);
  EXPECT_EQ(test::read_bytes(folder / "status"), "newer");
  EXPECT_EQ(file_count(folder.path()), 1);
}

TEST(ReplacementFile, LinksAreReplacedNotFollowed) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "foreign", "foreign");
  std::filesystem::create_symlink(folder / "foreign", folder / "status");
  std::filesystem::create_symlink(folder / "foreign", folder / ReplacementFile::temporary_of("status"));
  replace_text(folder / "status", "ours");
  EXPECT_EQ(test::read_bytes(folder / "foreign"), "foreign");
  EXPECT_EQ(test::read_bytes(folder / "status"), "ours");
  EXPECT_FALSE(std::filesystem::is_symlink(folder / "status"));
}

TEST(ReplacementFile, AFullDiskLeavesTheOldContent) {
  const test::TemporaryFolder folder;
  replace_text(folder / "status", "old");
  test::ChildProcess child([&] {
    test::limit_file_size(100);
    try {
      replace_text(folder / "status", std::string(1000, 'x'));
    } catch (const IoError&) {
      return 6;
    }
    return 0;
  });
  EXPECT_EQ(child.wait(), 6);
  EXPECT_EQ(test::read_bytes(folder / "status"), "old");
  EXPECT_EQ(file_count(folder.path()), 1);
}

TEST(ReplacementFile, ManyWritersDoNotDisturbEachOther) {
  const test::TemporaryFolder folder;
  {
    ReplacementFile first(folder / "answer", Writers::many), second(folder / "answer", Writers::many);
    first.content().write_all("first", 5);
    second.content().write_all("second", 6);
    second.commit();
    EXPECT_EQ(test::read_bytes(folder / "answer"), "second");
    first.commit();
    EXPECT_EQ(test::read_bytes(folder / "answer"), "first");
    ReplacementFile given_up(folder / "answer", Writers::many);
    EXPECT_EQ(ReplacementFile::target_of(given_up.content().path().filename().string()), "answer");
  }
  EXPECT_EQ(file_count(folder.path()), 1);
  EXPECT_EQ(ReplacementFile::target_of(".answer.partial"), "answer");
  for (const char* other : {"answer", ".partial", "..partial", ".answer", "answer.partial"})
    EXPECT_EQ(ReplacementFile::target_of(other), "") << other;
}

TEST(ReplacementFile, AMissingFolderIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(replace_text(folder / "missing" / "status", "x"), IoError);
}

}  // namespace
}  // namespace optex::files
