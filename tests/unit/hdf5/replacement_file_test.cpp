#include "optex/hdf5/replacement_file.hpp"

#include "optex/core/errors.hpp"

#include <iterator>

#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

namespace optex::hdf5 {
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
    test::write_bytes(replacement.temporary(), "half of the n");
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
  std::filesystem::create_symlink(folder / "foreign", ReplacementFile::temporary_of(folder / "status"));
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

TEST(ReplacementFile, AMissingFolderIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(replace_text(folder / "missing" / "status", "x"), IoError);
}

}  // namespace
}  // namespace optex::hdf5
