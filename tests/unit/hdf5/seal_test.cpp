#include "optex/hdf5/seal.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/read_vector.hpp"

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>

namespace optex::hdf5 {
namespace {

std::string sealed_bytes(const test::TemporaryFolder& folder) {
  File file = File::create(folder / "sealed.h5", seal_size);
  file.write("/values", Vector::LinSpaced(20, 0.0, 1.0));
  file.write("/text", "some text");
  file.close();
  seal(folder / "sealed.h5");
  return test::read_bytes(folder / "sealed.h5");
}

TEST(Seal, LeavesTheFileReadable) {
  const test::TemporaryFolder folder;
  sealed_bytes(folder);
  EXPECT_EQ(check_seal(folder / "sealed.h5").state, SealState::intact);
  EXPECT_EQ(File::open(folder / "sealed.h5").read_text("/text"), "some text");
}

TEST(Seal, FindsAFlippedBitInEveryByte) {
  const test::TemporaryFolder folder;
  const std::string bytes = sealed_bytes(folder);
  std::fstream file(folder / "sealed.h5", std::ios::in | std::ios::out | std::ios::binary);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto position = static_cast<std::streamoff>(i);
    file.seekp(position).put(static_cast<char>(bytes[i] ^ static_cast<char>(1U << (i % 8)))).flush();
    const SealCheck check = check_seal(folder / "sealed.h5");
    ASSERT_NE(check.state, SealState::intact) << "byte " << i;
    ASSERT_FALSE(check.problem.empty());
    file.seekp(position).put(bytes[i]).flush();
  }
  EXPECT_EQ(check_seal(folder / "sealed.h5").state, SealState::intact);
}

TEST(Seal, FindsEveryTruncationAndWhatWasAppended) {
  const test::TemporaryFolder folder;
  const std::string bytes = sealed_bytes(folder);
  for (std::size_t length = bytes.size() - 1; length > 0; --length) {
    std::filesystem::resize_file(folder / "sealed.h5", length);
    ASSERT_NE(check_seal(folder / "sealed.h5").state, SealState::intact) << length;
  }
  test::write_bytes(folder / "long.h5", bytes + "x");
  const SealCheck check = check_seal(folder / "long.h5");
  EXPECT_EQ(check.state, SealState::broken);
  EXPECT_THAT(check.problem, testing::HasSubstr("were sealed"));
  // Nobody reads a hole of a terabyte to find that.
  std::filesystem::resize_file(folder / "long.h5", std::uintmax_t{1} << 40U);
  EXPECT_EQ(check_seal(folder / "long.h5").state, SealState::broken);
}

TEST(Seal, NumbersBehindABrokenOneAreNotUsed) {
  const test::TemporaryFolder folder;
  std::string bytes = sealed_bytes(folder);
  EXPECT_EQ(read_vector(folder / "sealed.h5", "/values").size(), 20);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(folder / "sealed.h5", std::ios::binary) << bytes;
  try {
    read_vector(folder / "sealed.h5", "/values");
    FAIL() << "the numbers were used";
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("sealed.h5: its bytes are not those that were sealed"));
  }
}

TEST(Seal, IsAbsentFromOtherFiles) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "text", "hello");
  EXPECT_EQ(check_seal(folder / "text").state, SealState::absent);
  EXPECT_THROW(check_seal(folder / "missing"), IoError);
  EXPECT_THROW(check_seal(folder.path()), IoError);
}

}  // namespace
}  // namespace optex::hdf5
