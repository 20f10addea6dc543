#include "optex/monitor/run_folder.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/replacement_file.hpp"

#include <algorithm>
#include <vector>

#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace optex {
namespace {

namespace fs = std::filesystem;
using test::read_bytes;
using test::write_bytes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

template <typename Call>
std::string refused(Call call, ExitCode code = ExitCode::output_exists) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
  return "no error";
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(RunFolder, IsMadeWithItsParents) {
  const test::TemporaryFolder outer;
  const RunFolder folder(outer / "runs" / "a" / "", IfExists::refuse);
  EXPECT_EQ(folder.path(), outer / "runs" / "a");
  EXPECT_FALSE(folder.existed());
  EXPECT_TRUE(folder.warnings().empty());
  folder.write_config("given", "resolved");
  EXPECT_EQ(read_bytes(outer / "runs/a/config.toml"), "given");
  EXPECT_EQ(read_bytes(outer / "runs/a/resolved.toml"), "resolved");
}

TEST(RunFolder, AnExistingOneIsRefusedAndUntouched) {
  const test::TemporaryFolder outer;
  { const RunFolder folder(outer / "a", IfExists::refuse); }
  write_bytes(outer / "a" / "results.h5", "precious");
  EXPECT_THAT(refused([&] { RunFolder(outer / "a", IfExists::refuse); }),
              AllOf(HasSubstr("--resume"), HasSubstr("--force"), HasSubstr("run.name")));
  EXPECT_EQ(read_bytes(outer / "a" / "results.h5"), "precious");
  fs::create_directory(outer / "empty");
  refused([&] { RunFolder(outer / "empty", IfExists::refuse); });
  write_bytes(outer / "file", "");
  for (const IfExists what : {IfExists::refuse, IfExists::resume, IfExists::force})
    EXPECT_NE(refused([&] { RunFolder(outer / "file", what); }), "no error");
}

TEST(RunFolder, ResumingKeepsEverythingAndMayStartFromNothing) {
  const test::TemporaryFolder outer;
  { const RunFolder folder(outer / "a", IfExists::resume); }
  write_bytes(outer / "a" / "metrics.jsonl", "line\n");
  const RunFolder folder(outer / "a", IfExists::resume);
  EXPECT_TRUE(folder.existed());
  EXPECT_EQ(read_bytes(folder.metrics_file().path()), "line\n");
}

TEST(RunFolder, ForceRemovesWhatRunsWriteAndNothingElse) {
  const test::TemporaryFolder outer;
  { const RunFolder folder(outer / "a", IfExists::refuse); }
  const fs::path a = outer / "a";
  fs::create_directories(a / "checkpoints" / "sub");
  fs::create_directory(a / "errors");
  fs::create_directory(outer / "elsewhere");
  for (const char* own : {"config.toml", "resolved.toml", "status.json", "metrics.jsonl", "events.jsonl",
                          "provenance.json", "results.h5", ".status.json.partial", "errors/rank-0003.txt",
                          "checkpoints/iteration-000120.h5", "checkpoints/.iteration-000120.h5.partial"})
    write_bytes(a / own, "old");
  write_bytes(a / "notes.txt", "mine");
  write_bytes(a / "checkpoints" / "best.h5", "mine");
  write_bytes(outer / "elsewhere" / "iteration-000001.h5", "mine");
  fs::create_symlink(outer / "elsewhere" / "iteration-000001.h5", a / "checkpoints" / "iteration-000001.h5");
  const RunFolder folder(a, IfExists::force);
  EXPECT_THAT(names_in(a), ElementsAre(".optex-lock", "checkpoints", "notes.txt"));
  EXPECT_THAT(names_in(a / "checkpoints"), ElementsAre("best.h5", "iteration-000001.h5", "sub"));
  EXPECT_EQ(read_bytes(outer / "elsewhere" / "iteration-000001.h5"), "mine");
}

TEST(RunFolder, ForceNeverClearsThroughALink) {
  const test::TemporaryFolder outer;
  { const RunFolder folder(outer / "a", IfExists::refuse); }
  write_bytes(outer / "a" / "results.h5", "precious");
  fs::create_directory_symlink(outer / "a", outer / "link");
  EXPECT_THAT(refused([&] { RunFolder(outer / "link", IfExists::force); }), HasSubstr("link"));
  fs::create_directory(outer / "elsewhere");
  write_bytes(outer / "elsewhere" / "iteration-000001.h5", "precious");
  fs::create_directory_symlink(outer / "elsewhere", outer / "a" / "checkpoints");
  const RunFolder folder(outer / "a", IfExists::force);
  EXPECT_EQ(read_bytes(outer / "elsewhere" / "iteration-000001.h5"), "precious");
}

// A folder of the user's own, which happens to hold files of our names.
TEST(RunFolder, AForeignFolderIsNeverTaken) {
  const test::TemporaryFolder outer;
  write_bytes(outer / "config.toml", "the user's own");
  for (const IfExists what : {IfExists::refuse, IfExists::resume, IfExists::force})
    EXPECT_NE(refused([&] { RunFolder(outer.path(), what); }), "no error");
  EXPECT_THAT(names_in(outer.path()), ElementsAre("config.toml"));
}

TEST(RunFolder, ACopyOfARunCanBeResumed) {
  const test::TemporaryFolder outer;
  fs::create_directory(outer / "copy");
  write_bytes(outer / "copy" / "resolved.toml", "x");
  write_bytes(outer / "copy" / "status.json", "{}");
  EXPECT_TRUE(RunFolder(outer / "copy", IfExists::resume).existed());
}

TEST(RunFolder, IsLockedAgainstASecondProcess) {
  const test::TemporaryFolder outer;
  {
    const RunFolder first(outer / "a", IfExists::refuse);
    test::ChildProcess second([&] {
      const std::string words = refused([&] { RunFolder(outer / "a", IfExists::force); }, ExitCode::io);
      return words.find("another run is at work") != std::string::npos &&
                     words.find(fmt::format("process {} ", getppid())) != std::string::npos
                 ? 6
                 : 0;
    });
    EXPECT_EQ(second.wait(), 6);
  }
  EXPECT_NO_THROW(RunFolder(outer / "a", IfExists::resume));
}

TEST(RunFolder, ALockDiesWithItsProcess) {
  const test::TemporaryFolder outer;
  {
    test::ChildProcess child([&] {
      const RunFolder folder(outer / "a", IfExists::refuse);
      write_bytes(outer / "ready", "x");
      ::pause();
      return 0;
    });
    while (!fs::exists(outer / "ready")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }  // killed
  EXPECT_NO_THROW(RunFolder(outer / "a", IfExists::resume));
}

// Removed under a running run and used by another one: what the first still writes must not land there.
TEST(RunFolder, OneThatAnotherRunTookIsNotWrittenInto) {
  const test::TemporaryFolder outer;
  const RunFolder first(outer / "a", IfExists::refuse);
  first.write_config("first", "first");
  const auto all_refused = [&] {
    for (const files::Place& file : {first.status_file(), first.results_file(), first.metrics_file()})
      EXPECT_THAT(refused([&] { files::replace_text(file, "first"); }, ExitCode::io),
                  HasSubstr("taken by another run"));
    EXPECT_NE(refused([&] { write_rank_error(first.opened(), 0, "first"); }, ExitCode::io), "no error");
  };
  fs::remove_all(outer / "a");
  all_refused();
  EXPECT_FALSE(fs::exists(outer / "a"));
  const RunFolder second(outer / "a", IfExists::refuse);
  second.write_config("second", "second");
  all_refused();
  EXPECT_THAT(names_in(outer / "a"), ElementsAre(".optex-lock", "config.toml", "resolved.toml"));
  EXPECT_EQ(read_bytes(outer / "a" / "config.toml"), "second");
}

// Emptied, with a lock of its own: the folder is the same, its owner is not.
TEST(RunFolder, ANewLockInTheSameFolderEndsTheOldRunsRights) {
  const test::TemporaryFolder outer;
  const RunFolder first(outer / "a", IfExists::refuse);
  fs::remove(outer / "a" / ".optex-lock");
  const RunFolder second(outer / "a", IfExists::resume);
  second.write_config("second", "second");
  EXPECT_NE(refused([&] { first.write_config("first", "first"); }, ExitCode::io), "no error");
  EXPECT_EQ(read_bytes(outer / "a" / "config.toml"), "second");
}

TEST(RunFolder, TheLockIsItsOwnersAlone) {
  const test::TemporaryFolder outer;
  const auto mode = [&] { return fs::status(outer / "a" / ".optex-lock").permissions(); };
  const auto owners = fs::perms::owner_read | fs::perms::owner_write;
  { const RunFolder folder(outer / "a", IfExists::refuse); }
  EXPECT_EQ(mode(), owners);
  fs::permissions(outer / "a" / ".optex-lock", fs::perms(0666));
  const RunFolder folder(outer / "a", IfExists::resume);
  EXPECT_EQ(mode(), owners);
}

TEST(RunFolder, LastWordsOfARank) {
  const test::TemporaryFolder outer;
  const RunFolder folder(outer / "a", IfExists::refuse);
  write_rank_error(folder.opened(), 3, "gone");
  write_rank_error(folder.opened(), 12345, "gone too");
  EXPECT_THAT(names_in(outer / "a" / "errors"), ElementsAre("rank-0003.txt", "rank-12345.txt"));
  EXPECT_EQ(read_bytes(outer / "a" / "errors" / "rank-0003.txt"), "gone");
  fs::create_directory(outer / "elsewhere");
  fs::remove_all(outer / "a" / "errors");
  fs::create_directory_symlink(outer / "elsewhere", outer / "a" / "errors");
  EXPECT_THROW(write_rank_error(folder.opened(), 3, "gone"), IoError);
  EXPECT_TRUE(fs::is_empty(outer / "elsewhere"));
}

}  // namespace
}  // namespace optex
