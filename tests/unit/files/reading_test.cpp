#include "optex/files/reading.hpp"

#include "support/temporary_folder.hpp"
#include <fcntl.h>
#include <gmock/gmock.h>

namespace optex::files {
namespace {

using test::write_bytes;
using testing::ElementsAre;

std::vector<std::string> lines_of(const std::filesystem::path& file, bool& whole) {
  LineReader reader(open_for_reading(file));
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  whole = reader.was_whole();
  return lines;
}

TEST(Reading, LinesAreThoseOfTheFile) {
  const test::TemporaryFolder folder;
  bool whole = false;
  write_bytes(folder / "a", "one\n\nthree\n");
  EXPECT_THAT(lines_of(folder / "a", whole), ElementsAre("one", "", "three"));
  EXPECT_TRUE(whole);
  write_bytes(folder / "a", "one\nhalf");
  EXPECT_THAT(lines_of(folder / "a", whole), ElementsAre("one", "half"));
  EXPECT_FALSE(whole);
  write_bytes(folder / "a", "");
  EXPECT_THAT(lines_of(folder / "a", whole), ElementsAre());
  // Lines longer than what is read at once.
  std::vector<std::string> long_ones;
  std::string bytes;
  for (const std::size_t length : {70000U, 1U, 65536U, 0U, 200000U, 65535U}) {
    long_ones.emplace_back(length, static_cast<char>('a' + long_ones.size()));
    bytes += long_ones.back() + "\n";
  }
  write_bytes(folder / "a", bytes);
  EXPECT_EQ(lines_of(folder / "a", whole), long_ones);
}

TEST(Reading, IsBounded) {
  const test::TemporaryFolder folder;
  write_bytes(folder / "a", std::string(1000, 'x'));
  EXPECT_EQ(read_text(open_for_reading(folder / "a")).size(), 1000U);
  EXPECT_EQ(read_text(open_for_reading(folder / "a"), 1000).size(), 1000U);
  EXPECT_THROW(read_text(open_for_reading(folder / "a"), 999), IoError);
  write_bytes(folder / "a", std::string(300000, 'x'));
  LineReader reader(open_for_reading(folder / "a"), 100000);
  std::string line;
  EXPECT_THROW(reader.next(line), IoError);
  EXPECT_THROW(open_for_reading("/dev/zero"), IoError);
  EXPECT_FALSE(read_text_if_there(folder / "missing").has_value());
  EXPECT_FALSE(read_text_if_there(folder / "missing" / "a").has_value());
}

// A folder or a disk that fails is not the end of the file.
TEST(Reading, WhatCannotBeReadIsAnErrorNotAnEnd) {
  const test::TemporaryFolder folder;
  LineReader reader(Descriptor(::open(folder.path().c_str(), O_RDONLY), folder.path()));
  std::string line;
  EXPECT_THROW(reader.next(line), SystemError);
}

}  // namespace
}  // namespace optex::files
