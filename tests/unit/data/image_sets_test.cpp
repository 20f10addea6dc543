#include "optex/data/image_sets.hpp"

#include "optex/core/errors.hpp"

#include <vector>

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::filesystem::path formula = std::filesystem::path(OPTEX_TEST_DATA) / "formula";

/// A copy of the small data set that a test may spoil.
class ImageSetsCopy : public testing::Test {
 protected:
  ImageSetsCopy() { std::filesystem::copy(formula, folder_.path()); }

  void expect_refusal(const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
      EXPECT_THAT([&] { load_images(folder_.path().string()); }, ThrowsMessage<IoError>(HasSubstr(text)));
  }
  static std::string labels(const std::string& content) {
    return std::string{0, 0, 8, 1, 0, 0, 0, static_cast<char>(content.size())} + content;
  }

  test::TemporaryFolder folder_;
};

TEST(ImageSets, LoadsAFolder) {
  const ImageSets sets = load_images(formula.string());
  EXPECT_EQ(sets.train->sample_count(), 40);
  EXPECT_EQ(sets.test->sample_count(), 10);
  EXPECT_EQ(sets.train->feature_count(), 12);
  EXPECT_EQ(sets.test->class_count(), 4);
  Matrix column(12, 1);
  sets.test->features().read(std::vector<Index>{3}, column);  // sample 103
  for (Index p = 0; p < 12; ++p)
    EXPECT_DOUBLE_EQ(column(p, 0), static_cast<double>((7 * 103 + 3 * p + 103 * p) % 256) / 255);
  EXPECT_EQ(sets.test->labels()[3], 103 % 4);
  EXPECT_THAT(sets.train->describe().source, HasSubstr("train-images-idx3-ubyte.gz"));
}

TEST(ImageSets, LimitCutsTheTrainingSetOnlyAndKeepsTheClasses) {
  const ImageSets all = load_images(formula.string()), some = load_images(formula.string(), {.limit = 2});
  EXPECT_EQ(some.train->sample_count(), 2);
  EXPECT_EQ(some.train->class_count(), 4);  // though only classes 0 and 1 are left
  EXPECT_EQ(some.test->sample_count(), 10);
  EXPECT_NE(some.train->describe().hash, all.train->describe().hash);
  EXPECT_EQ(some.test->describe().hash, all.test->describe().hash);
  EXPECT_THROW(load_images(formula.string(), {.limit = -1}), UsageError);
}

TEST(ImageSets, MissingFolderNamesThePathAndTheChoices) {
  EXPECT_THAT(
      [] { load_images("/no/such/folder"); },
      ThrowsMessage<IoError>(AllOf(HasSubstr("/no/such/folder/train-images-idx3-ubyte[.gz]: no such file"),
                                   HasSubstr("\"fashion-mnist\""))));
}

TEST_F(ImageSetsCopy, PlainFileGoesBeforeGzip) {
  test::write_bytes(folder_ / "train-images-idx3-ubyte", "spoilt");
  expect_refusal({"train-images-idx3-ubyte: not an IDX file"});
}

TEST_F(ImageSetsCopy, EachOfTheFourFilesIsNeeded) {
  for (const char* name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                           "t10k-labels-idx1-ubyte.gz"}) {
    std::filesystem::rename(folder_ / name, folder_ / "away");
    expect_refusal({(folder_ / name).replace_extension().string() + "[.gz]: no such file"});
    std::filesystem::rename(folder_ / "away", folder_ / name);
  }
  EXPECT_NO_THROW(load_images(folder_.path().string()));
}

TEST_F(ImageSetsCopy, CountsOfImagesAndLabelsMustAgree) {
  test::write_bytes(folder_ / "train-labels-idx1-ubyte", labels("\1\2\3"));
  expect_refusal({"40 images", "train-labels-idx1-ubyte holds 3 labels"});
}

TEST_F(ImageSetsCopy, TestLabelsMustBeClassesOfTheTrainingSet) {
  std::filesystem::remove(folder_ / "t10k-labels-idx1-ubyte.gz");
  test::write_bytes(folder_ / "t10k-labels-idx1-ubyte", labels("\1\2\3\1\2\3\1\2\3\4"));
  expect_refusal({"t10k-images-idx3-ubyte with t10k-labels-idx1-ubyte: sample 9 has label 4", "0 to 3"});
}

TEST_F(ImageSetsCopy, TestImagesMustHaveTheSizeOfTheTrainingImages) {
  test::write_bytes(folder_ / "t10k-images-idx3-ubyte",
                    std::string{0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 2} + std::string(40, 'x'));
  expect_refusal({"images of 4 pixels", "have 12"});
}

TEST_F(ImageSetsCopy, ExchangedFilesAreFound) {
  std::filesystem::copy_file(folder_ / "train-labels-idx1-ubyte", folder_ / "train-images-idx3-ubyte");
  expect_refusal({"are images and labels exchanged?"});
}

// With the package installed its data are read; without it the message must say what to install.
TEST(ImageSets, FashionMnistIsFoundOrTheRemedyIsNamed) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    EXPECT_THAT([] { load_images("fashion-mnist"); },
                ThrowsMessage<IoError>(AllOf(HasSubstr("/usr/share/datasets/fashion-mnist"),
                                             HasSubstr("apt install dataset-fashion-mnist"))));
    return;
  }
  const ImageSets sets = load_images("fashion-mnist");
  const DataDescription description = sets.train->describe();
  EXPECT_EQ(description.samples, 60000);
  EXPECT_EQ(description.features, 784);
  EXPECT_EQ(description.classes, 10);
  EXPECT_EQ(description.hash, "722bb52b5d65e83562317e8059a30d27");
  EXPECT_EQ(sets.test->sample_count(), 10000);
}

}  // namespace
}  // namespace optex
