#include "optex/files/folder.hpp"

#include "optex/files/replacement_file.hpp"

#include "support/temporary_folder.hpp"
#include <fcntl.h>
#include <gmock/gmock.h>

namespace optex::files {
namespace {

namespace fs = std::filesystem;
using test::read_bytes;
using test::write_bytes;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

template <class Call>
std::string refused(Call call) {
  try {
    call();
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

class Folders : public testing::Test {
 protected:
  Folders() {
    fs::create_directory(outer_ / "run");
    fs::create_directory(outer_ / "foreign");
    write_bytes(outer_ / "foreign" / "precious", "precious");
  }
  const test::TemporaryFolder outer_;
};

TEST_F(Folders, LinksInsideAreNeverFollowed) {
  const Folder run = Folder::open(outer_ / "run");
  fs::create_symlink(outer_ / "foreign" / "precious", outer_ / "run" / "status");
  fs::create_directory_symlink(outer_ / "foreign", outer_ / "run" / "checkpoints");
  for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_APPEND})
    EXPECT_THAT(refused([&] { run.open_file("status", flags); }), HasSubstr("run/status"));
  EXPECT_FALSE(run.has_file("status"));
  EXPECT_TRUE(run.has("status"));
  EXPECT_THAT(refused([&] { run.find_below("checkpoints"); }), HasSubstr("a real folder is needed"));
  EXPECT_THAT(refused([&] { run.make_below("checkpoints"); }), HasSubstr("a real folder is needed"));
  EXPECT_TRUE(run.remove_file("status"));  // the link
  EXPECT_EQ(read_bytes(outer_ / "foreign" / "precious"), "precious");
}

TEST_F(Folders, APipeIsRefusedNotWaitedFor) {
  const Folder run = Folder::open(outer_ / "run");
  ASSERT_EQ(::mkfifo((outer_ / "run" / "metrics").c_str(), 0600), 0);
  EXPECT_THAT(refused([&] { run.open_file("metrics", O_RDONLY); }), HasSubstr("not a regular file"));
  EXPECT_THAT(refused([&] { run.open_file("metrics", O_WRONLY | O_CREAT); }), HasSubstr("regular file"));
}

TEST_F(Folders, TheFolderThatWasOpenedIsMeantWhateverStandsAtItsPath) {
  const Folder run = Folder::open(outer_ / "run");
  const Folder below = run.make_below("checkpoints");
  fs::rename(outer_ / "run", outer_ / "moved");
  fs::create_directory_symlink(outer_ / "foreign", outer_ / "run");
  replace_text({run, "precious"}, "ours");
  replace_text({below, "precious"}, "ours too");
  EXPECT_EQ(read_bytes(outer_ / "foreign" / "precious"), "precious");
  EXPECT_EQ(read_bytes(outer_ / "moved" / "precious"), "ours");
  EXPECT_EQ(read_bytes(outer_ / "moved" / "checkpoints" / "precious"), "ours too");
}

TEST_F(Folders, NothingIsChangedOnceAnotherLockStandsThere) {
  const Folder run = Folder::open(outer_ / "run");
  const Descriptor lock = run.open_file(".lock", O_RDWR | O_CREAT);
  run.own_by(".lock", lock);
  const Folder below = run.make_below("checkpoints");
  const Folder of_another_rank = Folder::open(outer_ / "run");
  of_another_rank.own_by_holder_of(".lock");
  replace_text({below, "one"}, "ours");
  for (const bool taken : {false, true}) {
    fs::remove(outer_ / "run" / ".lock");
    if (taken) write_bytes(outer_ / "run" / ".lock", "another's");
    EXPECT_THAT(refused([&] { replace_text({run, "status"}, "ours"); }), HasSubstr("taken by another run"));
    EXPECT_THAT(refused([&] { replace_text({below, "one"}, "newer"); }), HasSubstr("taken by another run"));
    EXPECT_NE(refused([&] { below.remove_file("one"); }), "no error");
    EXPECT_NE(refused([&] { run.make_below("errors"); }), "no error");
    EXPECT_NE(refused([&] { of_another_rank.make_below("errors"); }), "no error");
  }
  EXPECT_EQ(read_bytes(outer_ / "run" / "checkpoints" / "one"), "ours");
  EXPECT_FALSE(fs::exists(outer_ / "run" / "status"));
}

// The lock is looked at when the new content is put in place, not only when it is begun.
TEST_F(Folders, AFolderTakenOverWhileAFileIsWrittenKeepsItsFile) {
  const Folder run = Folder::open(outer_ / "run");
  const Descriptor lock = run.open_file(".lock", O_RDWR | O_CREAT);
  run.own_by(".lock", lock);
  ReplacementFile replacement({run, "results"});
  replacement.content().write_all("ours", 4);
  write_bytes(outer_ / "run" / "new", "another's");
  fs::rename(outer_ / "run" / "new", outer_ / "run" / ".lock");
  write_bytes(outer_ / "run" / "results", "another's");
  EXPECT_NE(refused([&] { replacement.commit(); }), "no error");
  EXPECT_EQ(read_bytes(outer_ / "run" / "results"), "another's");
}

TEST_F(Folders, WhatTheSystemRefusesIsToldApartFromWhatIsNoFile) {
  EXPECT_THROW(Folder::open(outer_ / "missing"), SystemError);
  EXPECT_FALSE(Folder::open_if_there(outer_ / "missing").has_value());
  const Folder run = Folder::open(outer_ / "run");
  EXPECT_THROW(run.open_file("missing", O_RDONLY), SystemError);
  fs::create_directory(outer_ / "run" / "sub");
  try {
    run.open_file("sub", O_RDONLY);
    FAIL();
  } catch (const SystemError&) {
    FAIL();
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), HasSubstr("not a regular file"));
  }
}

TEST_F(Folders, ListsFilesOnly) {
  const Folder run = Folder::open(outer_ / "run");
  EXPECT_TRUE(run.is_empty());
  write_bytes(outer_ / "run" / "a", "");
  write_bytes(outer_ / "run" / ".b", "");
  fs::create_directory(outer_ / "run" / "c");
  fs::create_symlink("a", outer_ / "run" / "d");
  for (int again = 0; again < 2; ++again) EXPECT_THAT(run.file_names(), UnorderedElementsAre("a", ".b"));
  EXPECT_FALSE(run.is_empty());
  EXPECT_FALSE(run.remove_file("missing"));
}

}  // namespace
}  // namespace optex::files
