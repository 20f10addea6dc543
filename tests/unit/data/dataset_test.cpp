#include "optex/data/dataset.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/content_hash.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Dataset three_samples(std::vector<std::int32_t> labels, Index classes) {
  return Dataset("here",
                 std::make_unique<ByteFeatures>(std::vector<std::uint8_t>{0, 1, 2, 3, 4, 255}, 2, 0.5),
                 std::move(labels), classes, "abc");
}

TEST(Dataset, ReadsAnySamplesInAnyOrder) {
  const Dataset data = three_samples({0, 1, 1}, 2);
  Matrix columns(2, 3);
  data.features().read(std::vector<Index>{2, 0, 2}, columns);
  Matrix expected(2, 3);
  expected << 2, 0, 2, 127.5, 0.5, 127.5;
  EXPECT_EQ(columns, expected);
}

TEST(Dataset, DescribesItself) {
  const DataDescription description = three_samples({0, 4, 1}, 5).describe();
  EXPECT_EQ(description.source, "here");
  EXPECT_EQ(description.samples, 3);
  EXPECT_EQ(description.features, 2);
  EXPECT_EQ(description.classes, 5);
  EXPECT_EQ(description.hash, "abc");
}

TEST(Dataset, RefusesLabelsThatDoNotFit) {
  EXPECT_THAT(
      [] {
        three_samples({0, 2, 1}, 2);
      },
      ThrowsMessage<IoError>(HasSubstr("here: sample 1 has label 2, but labels must be 0 to 1")));
  EXPECT_THAT(
      [] {
        three_samples({0, 1, -1}, 2);
      },
      ThrowsMessage<IoError>(HasSubstr("sample 2 has label -1")));
  EXPECT_THAT([] { three_samples({0, 1}, 2); }, ThrowsMessage<IoError>(HasSubstr("3 samples but 2 labels")));
  EXPECT_THAT([] { three_samples({0, 0, 0}, 1); }, ThrowsMessage<IoError>(HasSubstr("at least two")));
}

TEST(Dataset, RefusesBytesThatAreNoTable) {
  EXPECT_THROW(ByteFeatures({1, 2, 3}, 2, 1.0), UsageError);
  EXPECT_THROW(ByteFeatures({1, 2, 3}, 0, 1.0), UsageError);
  EXPECT_THROW(
      Dataset("none", std::make_unique<ByteFeatures>(std::vector<std::uint8_t>{}, 2, 1.0), {}, 2, ""),
      IoError);
}

TEST(ContentHash, IsXxh3OfTheConcatenation) {
  EXPECT_EQ(content_hash(), "99aa06d3014798d86001c324468d497f");  // published value for no input
  const std::vector<std::uint8_t> all = {1, 2, 3, 4}, front = {1, 2}, back = {3, 4}, other = {1, 2, 3, 5};
  EXPECT_EQ(content_hash(front, back), content_hash(all));
  EXPECT_NE(content_hash(other), content_hash(all));
}

}  // namespace
}  // namespace optex
