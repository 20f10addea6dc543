#include "optex/data/labelled_files.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/sparse_features.hpp"
#include "optex/hdf5/file.hpp"

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace optex {
namespace {

using test::write_bytes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class LabelledFilesTest : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) const {
    write_bytes(folder_ / name, text);
    return folder_ / name;
  }
  LabelledFiles csv(const std::string& text) const { return {.train = file("train.csv", text)}; }
  LabelledFiles libsvm(const std::string& text) const {
    return {.format = TableFormat::libsvm, .train = file("train.svm", text)};
  }

  static Matrix features(const Dataset& data) {
    Matrix columns(data.feature_count(), data.sample_count());
    std::vector<Index> all;
    for (Index i = 0; i < data.sample_count(); ++i) all.push_back(i);
    data.features().read(all, columns);
    return columns;
  }
  /// What reading says, "accepted" when it takes the files.
  static std::string refusal(const LabelledFiles& files) {
    try {
      load_labelled(files);
      return "accepted";
    } catch (const Error& error) {
      return error.what();
    }
  }

  const test::TemporaryFolder folder_;
};

TEST_F(LabelledFilesTest, CsvWithHeaderAndWithout) {
  Matrix expected(2, 3);
  expected << 1.5, -2, 3, 4e-1, 5, 6;
  for (const char* text : {"1.5,0.4,0\n-2,5,1\n3,6,2\n", "a,b,class\n1.5,4e-1,0\n\n-2,5,1\r\n3,+6,2",
                           "\"a b\";\"c\";\"y\"\n1.5; 0.4 ;0\n-2;5;1\n3;6;2\n",
                           "\xEF\xBB\xBF"
                           "1.5\t0.4\t0\n-2\t5\t1\n3\t6\t2\n"}) {
    const LabelledSets sets = load_labelled(csv(text));
    EXPECT_EQ(features(*sets.train), expected) << text;
    EXPECT_THAT(sets.train->labels(), ElementsAre(0, 1, 2));
    EXPECT_EQ(sets.train->class_count(), 3);
    EXPECT_EQ(sets.test, nullptr);
  }
}

TEST_F(LabelledFilesTest, CsvLabelsInTheFirstColumn) {
  LabelledFiles files = csv("1,7\n0,8\n");
  files.label_column = LabelColumn::first;
  const LabelledSets sets = load_labelled(files);
  EXPECT_THAT(sets.train->labels(), ElementsAre(1, 0));
  EXPECT_EQ(features(*sets.train)(0, 1), 8.0);
}

TEST_F(LabelledFilesTest, CsvMistakesNameFileLineAndColumn) {
  const std::string place = (folder_ / "train.csv").string();
  const auto says = [&](const std::string& text) { return refusal(csv(text)); };
  EXPECT_THAT(says("1,2,0\n1,2\n"),
              AllOf(HasSubstr(place + ":2: "), HasSubstr("2 fields, but line 1 has 3")));
  EXPECT_THAT(says("x,y,l\n1,,0\n"), AllOf(HasSubstr(":2: "), HasSubstr("column 2 (y) is empty")));
  EXPECT_THAT(says("1,2,0\nnan,2,1\n"),
              AllOf(HasSubstr(":2: "), HasSubstr("column 1"), HasSubstr("not finite")));
  EXPECT_THAT(says("1,2,0\n1,two,1\n"), AllOf(HasSubstr(":2: "), HasSubstr("'two' is no number")));
  EXPECT_THAT(says("1;2;0\n1,5;2;1\n"), HasSubstr("decimals need a point"));
  EXPECT_THAT(says("1,2,0\n1,2,0.5\n"), AllOf(HasSubstr(":2: "), HasSubstr("no class number")));
  EXPECT_THAT(says("1,0\n2,-3\n"), AllOf(HasSubstr(":2: "), HasSubstr("out of range")));
  EXPECT_THAT(says("1,0\n2,7000\n"), AllOf(HasSubstr(":2: "), HasSubstr("more classes than samples")));
  EXPECT_THAT(says("a,y\n1,cat\n"), AllOf(HasSubstr(":2: "), HasSubstr("column 2 (y): 'cat'"),
                                          HasSubstr("write 0, 1, 2, ... for the classes")));
  EXPECT_THAT(says("a,y\nred,1\n"), HasSubstr("write numbers for words"));
  EXPECT_THAT(says("1,3\n2,3\n"), HasSubstr("all labels are 3"));
  EXPECT_THAT(refusal({.train = folder_.path()}), HasSubstr("a folder; name a file in it"));
  EXPECT_THAT(says("1\n2\n"), HasSubstr("only one column"));
  EXPECT_THAT(says("a,b\n"), HasSubstr("no samples"));
  EXPECT_THAT(says(""), HasSubstr("no samples"));
  EXPECT_THAT(says(std::string("\xFF\xFE"
                               "1\0,\0",
                               6)),
              HasSubstr("UTF-16"));
  EXPECT_THAT(says("1,0\n2\xE9,1\n"), AllOf(HasSubstr(":2: "), HasSubstr("iconv")));
  EXPECT_THAT(says("1,0\r2,1\r"), HasSubstr("carriage return"));
  EXPECT_THAT(refusal({.train = folder_ / "missing.csv"}), HasSubstr("no such file"));
}

TEST_F(LabelledFilesTest, GzipIsReadAsWell) {
  const auto path = folder_ / "train.csv.gz";
  const gzFile out = gzopen(path.c_str(), "wb");
  gzputs(out, "1,0\n2,1\n");
  gzclose(out);
  EXPECT_EQ(load_labelled({.train = path}).train->sample_count(), 2);
}

TEST_F(LabelledFilesTest, LibsvmStaysSparse) {
  const LabelledSets sets =
      load_labelled(libsvm("+1 1:0.5 4:2 # a comment\n-1\n# only a comment\n-1 2:-1 3:0\n"));
  Matrix expected = Matrix::Zero(4, 3);
  expected(0, 0) = 0.5;
  expected(3, 0) = 2;
  expected(1, 2) = -1;
  EXPECT_EQ(features(*sets.train), expected);
  EXPECT_THAT(sets.train->labels(), ElementsAre(1, 0, 0));
  ASSERT_NE(sets.train->features().sparse(), nullptr);
  EXPECT_EQ(sets.train->features().sparse()->row(2).values.size(), 1u);  // a zero that is written is none
}

TEST_F(LabelledFilesTest, LibsvmMistakesNameFileAndLine) {
  const auto says = [&](const std::string& text) { return refusal(libsvm(text)); };
  EXPECT_THAT(says("1 1:1\n0 0:1\n"), AllOf(HasSubstr("train.svm:2: "), HasSubstr("start at 1")));
  EXPECT_THAT(says("1 2:1 2:2\n"), HasSubstr("must ascend"));
  EXPECT_THAT(says("1 3:1 2:2\n"), HasSubstr("must ascend"));
  EXPECT_THAT(says("1 a:1\n"), HasSubstr("index:value"));
  EXPECT_THAT(says("1 12\n"), HasSubstr("index:value"));
  EXPECT_THAT(says("1 1:x\n"), HasSubstr("no number"));
  EXPECT_THAT(says("1 1:inf\n"), HasSubstr("not finite"));
  EXPECT_THAT(says("one 1:1\n"), HasSubstr("label 'one'"));
  EXPECT_THAT(says("1 99999999999:1\n"), HasSubstr("too large"));
  EXPECT_THAT(says("1\n0\n"), HasSubstr("no sample has a feature"));
}

TEST_F(LabelledFilesTest, TestDataMayNotBeWiderThanTheTrainingData) {
  LabelledFiles files = libsvm("1 2:1\n0 1:1\n");
  files.test = file("test.svm", "1 3:1\n");
  EXPECT_THAT(refusal(files), AllOf(HasSubstr("test.svm"), HasSubstr("data.features = 3")));
  files.features = 3;
  EXPECT_EQ(load_labelled(files).train->feature_count(), 3);
  files.features = 1;
  EXPECT_THAT(refusal(files), AllOf(HasSubstr("train.svm"), HasSubstr("data.features is 1")));
  LabelledFiles table = csv("1,2,0\n3,4,1\n");
  table.test = file("test.csv", "1,0\n");
  EXPECT_THAT(refusal(table), HasSubstr("1 features, but the training data have 2"));
}

TEST_F(LabelledFilesTest, LabelsBecomeClasses) {
  const auto labels = [&](const std::string& text) { return load_labelled(csv(text)).train->labels(); };
  EXPECT_THAT(labels("0,-1\n0,1\n"), ElementsAre(0, 1));
  EXPECT_THAT(labels("0,1\n0,3\n0,2\n"), ElementsAre(0, 2, 1));
  EXPECT_THAT(labels("0,2\n0,0\n0,0\n"), ElementsAre(2, 0, 0));
  LabelledFiles files = csv("0,0\n0,1\n");
  files.classes = 5;
  files.test = file("test.csv", "1,4\n");
  EXPECT_EQ(load_labelled(files).test->class_count(), 5);
  files.test = file("test.csv", "1,0\n1,5\n");
  EXPECT_THAT(refusal(files), AllOf(HasSubstr("test.csv:2: "), HasSubstr("label 5"), HasSubstr("0 to 4")));
}

// What is limited is what is learnt from; dimension and classes stay those of the file.
TEST_F(LabelledFilesTest, ALimitKeepsTheProblem) {
  LabelledFiles files = libsvm("0 1:1\n1 2:1\n2 5:1\n");
  files.limit = 2;
  const LabelledSets sets = load_labelled(files);
  EXPECT_EQ(sets.train->sample_count(), 2);
  EXPECT_EQ(sets.train->feature_count(), 5);
  EXPECT_EQ(sets.train->class_count(), 3);
  LabelledFiles table = csv("1,0\n2,1\nthree,1\n");
  table.limit = 1;
  EXPECT_THAT(refusal(table), HasSubstr(":3: "));  // the rest is checked all the same
}

TEST_F(LabelledFilesTest, StandardizingUsesTheTrainingSamples) {
  LabelledFiles files = csv("1,5,0\n3,5,1\n");
  files.standardize = true;
  files.test = file("test.csv", "5,6,0\n");
  const LabelledSets sets = load_labelled(files);
  Matrix expected(2, 2);
  expected << -1, 1, 0, 0;
  EXPECT_EQ(features(*sets.train), expected);
  EXPECT_EQ(features(*sets.test)(0, 0), 3.0);
  EXPECT_EQ(features(*sets.test)(1, 0), 1.0);
  LabelledFiles sparse = libsvm("1 1:1\n0\n");
  sparse.standardize = true;
  EXPECT_THAT(refusal(sparse), HasSubstr("data.standardize"));
}

TEST_F(LabelledFilesTest, Hdf5Tables) {
  const auto path = folder_ / "data.h5";
  const auto write = [&](const Matrix& rows, const std::vector<std::int64_t>& labels) {
    std::filesystem::remove(path);
    hdf5::File out = hdf5::File::create(path);
    hdf5::Dataset table = out.create_rows("/x/train", rows.rows(), rows.cols());
    for (Index i = 0; i < rows.rows(); ++i) table.write_row(i, rows.row(i).transpose());
    table.close();
    out.write("/y", std::span<const std::int64_t>(labels));
    out.close();
  };
  LabelledFiles files{
      .format = TableFormat::hdf5, .train = path, .features_name = "/x/train", .labels_name = "/y"};
  Matrix rows(2, 3);
  rows << 1, 2, 3, 4, 5, 6;
  write(rows, {0, 1});
  const LabelledSets sets = load_labelled(files);
  EXPECT_EQ(features(*sets.train), rows.transpose());
  EXPECT_THAT(sets.train->labels(), ElementsAre(0, 1));
  write(rows, {0, 1, 1});
  EXPECT_THAT(refusal(files), HasSubstr("2 samples, but /y has 3 labels"));
  rows(1, 2) = std::numeric_limits<double>::quiet_NaN();
  write(rows, {0, 1});
  EXPECT_THAT(refusal(files), HasSubstr("row 1, column 2"));
  files.labels_name = "/nowhere";
  EXPECT_THAT(refusal(files), HasSubstr("/nowhere"));
}

TEST_F(LabelledFilesTest, TheHashTellsDataApart) {
  const auto hash = [&](const std::string& text) { return load_labelled(csv(text)).train->describe().hash; };
  EXPECT_EQ(hash("1,0\n2,1\n"), hash("x,y\n1.0,0\n2.0,1\n"));
  EXPECT_NE(hash("1,0\n2,1\n"), hash("1,0\n3,1\n"));
  EXPECT_NE(hash("1,0\n2,1\n"), hash("1,1\n2,0\n"));
}

}  // namespace
}  // namespace optex
