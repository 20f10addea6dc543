#include "optex/data/idx.hpp"

#include "optex/core/errors.hpp"

#include <string>
#include <vector>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::write_bytes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::filesystem::path formula = std::filesystem::path(OPTEX_TEST_DATA) / "formula";

std::string header(const std::vector<unsigned>& dimensions, char type = 8) {
  std::string bytes = {0, 0, type, static_cast<char>(dimensions.size())};
  for (const unsigned dimension : dimensions)
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(dimension >> shift & 255);
  return bytes;
}

class Idx : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& bytes) {
    write_bytes(folder_ / "data", bytes);
    return folder_ / "data";
  }

  /// The message of the IoError that reading must throw.
  std::string refusal(const std::string& bytes, int rank = 3, Index limit = 0) {
    return refusal_of(file(bytes), rank, limit);
  }
  std::string refusal_of(const std::filesystem::path& path, int rank = 3, Index limit = 0) {
    try {
      read_idx(path, rank, limit);
    } catch (const IoError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(path.string()), Not(HasSubstr("\n"))));
      return error.what();
    }
    ADD_FAILURE() << "was accepted";
    return {};
  }

  test::TemporaryFolder folder_;
};

TEST_F(Idx, ReadsGzipAndPlainFilesAlike) {
  const IdxBytes images = read_idx(formula / "train-images-idx3-ubyte.gz", 3);
  EXPECT_THAT(images.dimensions, ElementsAre(40, 4, 3));
  ASSERT_EQ(images.sample_size(), 12);
  ASSERT_EQ(images.samples_kept(), 40);
  for (Index s = 0; s < 40; ++s)
    for (Index p = 0; p < 12; ++p)
      ASSERT_EQ(images.bytes[static_cast<std::size_t>(12 * s + p)], (7 * s + 3 * p + s * p) % 256);
  const IdxBytes labels = read_idx(formula / "train-labels-idx1-ubyte", 1);
  EXPECT_EQ(labels.sample_size(), 1);
  ASSERT_EQ(labels.samples_kept(), 40);
  for (std::size_t s = 0; s < 40; ++s) ASSERT_EQ(labels.bytes[s], s % 4);
}

TEST_F(Idx, LimitKeepsTheFirstSamples) {
  const auto path = formula / "train-images-idx3-ubyte.gz";
  const IdxBytes all = read_idx(path, 3), some = read_idx(path, 3, 5);
  EXPECT_EQ(some.samples_kept(), 5);
  EXPECT_THAT(some.dimensions, ElementsAre(40, 4, 3));
  EXPECT_EQ(some.bytes, std::vector<std::uint8_t>(all.bytes.begin(), all.bytes.begin() + 60));
  EXPECT_EQ(read_idx(path, 3, 1000).samples_kept(), 40);
}

TEST_F(Idx, LargerThanOneReadBuffer) {
  std::string content(3 * 1024 * 1024 + 5, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 + i / 1000);
  const auto size = static_cast<unsigned>(content.size());
  const IdxBytes whole = read_idx(file(header({size, 1, 1}) + content), 3);
  EXPECT_TRUE(std::equal(content.begin(), content.end(), whole.bytes.begin(), whole.bytes.end(),
                         [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }));
  EXPECT_EQ(read_idx(folder_ / "data", 3, 1100000).samples_kept(), 1100000);
}

TEST_F(Idx, RefusesWhatIsNotAFile) {
  EXPECT_THAT(refusal_of(folder_ / "absent"), HasSubstr("no such file"));
  EXPECT_THAT(refusal_of(folder_.path()), HasSubstr("not a regular file"));
  EXPECT_THAT(refusal_of("/dev/zero"), HasSubstr("not a regular file"));
}

TEST_F(Idx, RefusesBadHeaders) {
  EXPECT_THAT(refusal(""), HasSubstr("too short"));
  EXPECT_THAT(refusal("abc"), HasSubstr("too short"));
  EXPECT_THAT(refusal("P5 28 28 255 ............"), HasSubstr("not an IDX file"));
  EXPECT_THAT(refusal(header({1, 1, 1}, 7) + "x"), HasSubstr("not an IDX file"));
  EXPECT_THAT(refusal(header({1, 1, 1}, 13) + "x"), HasSubstr("float"));
  EXPECT_THAT(refusal(header({1}) + "x"), HasSubstr("1 dimension(s), expected 3"));
  EXPECT_THAT(refusal(header({1, 1, 1}).substr(0, 13)), HasSubstr("truncated in the IDX header"));
  EXPECT_THAT(refusal(header({4, 0, 3})), HasSubstr("dimension 1 of the IDX array is 0"));
  EXPECT_THAT(refusal(header({0}), 1), HasSubstr("dimension 0 of the IDX array is 0"));
}

TEST_F(Idx, RefusesFewerOrMoreBytesThanDeclared) {
  EXPECT_THAT(refusal(header({2, 2, 2}) + "1234567"),
              AllOf(HasSubstr("2 x 2 x 2 bytes, 7 are there"), HasSubstr("truncated")));
  EXPECT_THAT(refusal(header({2, 2, 2}) + "123456789"), HasSubstr("more bytes than the 2 x 2 x 2"));
  // A limit does not hide the damage behind it.
  EXPECT_THAT(refusal(header({2, 2, 2}) + "1234567", 3, 1), HasSubstr("truncated"));
  EXPECT_THAT(refusal(header({2, 2, 2}) + "123456789", 3, 1), HasSubstr("more bytes"));
}

// 2^96 bytes overflow, 2^62 bytes do not: neither may be allocated before they are seen.
TEST_F(Idx, AHeaderThatLiesAboutTheSizeAllocatesNothing) {
  const unsigned huge = 0xffffffff;
  EXPECT_THAT(refusal(header({huge, huge, huge}) + "1234"), HasSubstr("impossibly large"));
  EXPECT_THAT(refusal(header({1u << 31, 1u << 31, 1}) + "1234"), HasSubstr("4 are there"));
  EXPECT_THAT(refusal(header({1u << 31, 1u << 31, 1}) + "1234", 3, 1), HasSubstr("4 are there"));
}

TEST_F(Idx, RefusesDamagedGzip) {
  const std::string good = test::read_bytes(formula / "train-images-idx3-ubyte.gz");
  // Anywhere inside: the compressed data, and the checksum behind them.
  for (const std::size_t length :
       {good.size() - 1, good.size() - 8, good.size() - 9, good.size() / 2, std::size_t{20}})
    EXPECT_THAT(refusal(good.substr(0, length)), HasSubstr("gzip stream breaks off")) << length;
  std::string wrong_checksum = good;
  wrong_checksum[good.size() - 6] ^= 1;
  EXPECT_THAT(refusal(wrong_checksum), HasSubstr("damaged gzip stream"));
  std::string flipped = good;
  flipped[good.size() / 2] ^= 16;
  EXPECT_THAT(refusal(flipped), HasSubstr("fetch the file again"));
}

}  // namespace
}  // namespace optex
