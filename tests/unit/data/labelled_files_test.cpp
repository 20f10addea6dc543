#include "optex/data/labelled_files.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/sparse_features.hpp"
#include "optex/hdf5/file.hpp"

#include <cstdlib>
#include <fstream>

#include "labelled_files_fixture.hpp"
#include "support/compressed.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_seed.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace optex {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(LabelledFilesTest, CompressedFilesAreReadAsWell) {
  const auto path = folder_ / "train.csv.gz";
  const gzFile out = gzopen(path.c_str(), "wb");
  gzputs(out, "1,0\n2,1\n");
  gzclose(out);
  EXPECT_EQ(load_labelled({.train = path}).train->sample_count(), 2);
  // Two streams one after the other, as pbzip2 and `xz -T` write them.
  const std::string text = "1,0\n2,1\n", bz2 = test::bzip2(text) + test::bzip2("3,1\n"),
                    xz = test::xz(text) + test::xz("3,1\n");
  EXPECT_EQ(load_labelled(csv(bz2)).train->sample_count(), 3);
  EXPECT_EQ(load_labelled(csv(xz)).train->sample_count(), 3);
  for (const std::string& whole : {bz2, xz}) {
    for (std::size_t length = 12; length < whole.size(); length += 5) {
      const std::string says = refusal(csv(whole.substr(0, length)));
      EXPECT_TRUE(says == "accepted" || says.find("breaks off") != std::string::npos) << says;
    }
    EXPECT_THAT(refusal(csv(whole.substr(0, whole.size() / 4))), HasSubstr("breaks off"));
    std::string damaged = whole;
    damaged[whole.size() / 4] ^= 1;
    EXPECT_THAT(refusal(csv(damaged)), AllOf(HasSubstr("damaged"), HasSubstr("fetch the file again")));
  }
}

TEST_F(LabelledFilesTest, AFewBytesDoNotFillTheMemory) {
  const std::string blanks(std::size_t{100} << 20, ' ');
  EXPECT_THAT(refusal(csv(test::bzip2(blanks))), HasSubstr("more than 1032 times its size"));
  EXPECT_THAT(refusal(csv(test::xz(blanks))), HasSubstr("more than 1032 times its size"));
}

TEST_F(LabelledFilesTest, OtherWaysToCompressAreNamed) {
  using namespace std::string_literals;
  EXPECT_THAT(refusal(csv("\x28\xB5\x2F\xFD\x04\x00"s)), AllOf(HasSubstr("is zstd"), HasSubstr("`zstd -d`")));
  EXPECT_THAT(refusal(csv("PK\x03\x04\x14\x00"s)), AllOf(HasSubstr("is zip"), HasSubstr("`unzip`")));
  EXPECT_THAT(refusal(csv("version https://git-lfs.github.com/spec/v1\n")), HasSubstr("`git lfs pull`"));
  EXPECT_THAT(refusal(csv("\x93NUMPY\x01\x00"s)), HasSubstr("NumPy array"));
}

/// Whatever Python's csv, pandas and numpy write is read back: see write_tables.py.
TEST_F(LabelledFilesTest, TablesThatPythonWrites) {
  const std::string program = std::filesystem::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  const test::TestSeed seed(1);
  const std::string run =
      program + " " OPTEX_WRITE_TABLES " " + folder_.path().string() + " " + std::to_string(seed());
  ASSERT_EQ(std::system(run.c_str()), 0) << run;
  std::ifstream list(folder_ / "list");
  Index count = 0;
  for (std::string name; std::getline(list, name); ++count) {
    LabelledFiles files{.train = folder_ / name};
    if (name.starts_with("headed")) {
      EXPECT_THAT(refusal(files), HasSubstr("data.header")) << name;
      files.header = true;
    }
    std::ifstream wanted(folder_ / (name + ".wanted"));
    Index samples = 0, columns = 0;
    wanted >> samples >> columns;
    Matrix expected(columns, samples);
    std::vector<std::int32_t> labels(static_cast<std::size_t>(samples));
    for (Index i = 0; i < samples; ++i) {
      for (Index k = 0; k < columns; ++k) wanted >> expected(k, i);
      wanted >> labels[static_cast<std::size_t>(i)];
    }
    ASSERT_FALSE(wanted.fail()) << name;
    try {
      const LabelledSets sets = load_labelled(files);
      EXPECT_EQ(features(*sets.train), expected) << name << '\n' << test::read_bytes(folder_ / name);
      EXPECT_EQ(sets.train->labels(), labels) << name;
    } catch (const Error& error) {
      ADD_FAILURE() << error.what() << '\n' << test::read_bytes(folder_ / name);
    }
  }
  EXPECT_GE(count, 200);
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
  EXPECT_THAT(says("17.9,10.4,0\n"), AllOf(HasSubstr(":1: "), HasSubstr("data.format = \"csv\"")));
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
  EXPECT_THAT(labels("1,1\n0,3\n0,2\n"), ElementsAre(0, 2, 1));
  EXPECT_THAT(labels("0,2\n0,0\n0,0\n"), ElementsAre(2, 0, 0));
  EXPECT_THAT(labels("0,-1\n0,1\n0,0\n"), ElementsAre(0, 2, 1));
  EXPECT_THAT(labels("0,2\n0,3\n"), ElementsAre(0, 1));
  EXPECT_THAT(labels("0,20\n0,10\n"), ElementsAre(1, 0));
  EXPECT_THAT(labels("0,2\n0,4\n0,3\n"), ElementsAre(0, 2, 1));
  EXPECT_EQ(load_labelled(csv("0,2\n0,3\n")).train->class_count(), 2);
  LabelledFiles few = csv("0,2\n0,3\n");
  for (const Index classes : {2, 3, 4}) {
    few.classes = classes;
    EXPECT_THAT(load_labelled(few).train->labels(), classes == 4 ? ElementsAre(2, 3) : ElementsAre(0, 1));
  }
  few.classes = 0;
  few.test = file("test.csv", "0,4\n");
  EXPECT_THAT(refusal(few), AllOf(HasSubstr("label 4"), HasSubstr("2 and 3"), HasSubstr("data.classes")));
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
  // Mean and deviation of 1, 2, 3 and 4, whatever they are counted in, and 3 standardised.
  const double deviation = std::sqrt(1.25), three = 0.5 / deviation;
  for (const double unit : {1.0, 1e-170, 1e-300, 1e200, 4e307}) {
    files = csv(fmt::format("{},0\n{},1\n{},1\n{},0\n", unit, 2 * unit, 3 * unit, 4 * unit));
    files.standardize = true;
    EXPECT_NEAR(features(*load_labelled(files).train)(0, 2), three, 1e-15) << unit;
  }
  // Constant features become 0, however their mean is rounded; what is read later is not blown up.
  std::string constant;
  for (int i = 0; i < 10; ++i)
    constant += fmt::format("0.1,{},{}\n", i % 3 == 0 ? "0.3" : "0.30000000000000004", i % 2);
  files = csv(constant);
  files.standardize = true;
  files.test = file("test.csv", "0.2,0.2,0\n");
  EXPECT_LE(features(*load_labelled(files).train).cwiseAbs().maxCoeff(), 1e-15);
  EXPECT_NEAR(features(*load_labelled(files).test)(0, 0), 0.1, 1e-15);
  EXPECT_NEAR(features(*load_labelled(files).test)(1, 0), -0.1, 1e-15);
  // Far from 0 the mean of many is rounded by more than they differ.
  std::string far;
  for (int i = 0; i < 1000; ++i) far += fmt::format("{:.17g},{}\n", 1e14 + 0.25 * (i % 2), i % 2);
  files = csv(far);
  files.standardize = true;
  EXPECT_NEAR(features(*load_labelled(files).train)(0, 1), 1.0, 1e-3);
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

/// Booleans and lzf, as h5py writes them, are read by a library that knows neither.
TEST_F(LabelledFilesTest, Hdf5TablesOfH5py) {
  const std::string program = std::filesystem::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  if (std::system((program + " -c 'import h5py' 2>/dev/null").c_str()) != 0) GTEST_SKIP() << "no h5py";
  const auto path = folder_ / "data.h5";
  const std::string script =
      "import h5py, numpy as n, sys; f = h5py.File(sys.argv[1], 'w'); "
      "x = n.arange(200000.).reshape(1000, 200) % 97; x[3] = n.random.default_rng(1).random(200); "
      "f.create_dataset('features', data=x, compression='lzf', shuffle=True); f['copy'] = x; "
      "f['labels'] = n.arange(1000) % 3 == 0; f['flags'] = x > 40";
  ASSERT_EQ(std::system((program + " -c \"" + script + "\" " + path.string()).c_str()), 0);
  LabelledFiles files{.format = TableFormat::hdf5, .train = path};
  const LabelledSets sets = load_labelled(files);
  files.features_name = "/copy";
  EXPECT_EQ(features(*sets.train), features(*load_labelled(files).train));
  EXPECT_EQ(sets.train->labels()[3], 1);
  EXPECT_EQ(sets.train->class_count(), 2);
  files.features_name = "/flags";
  EXPECT_EQ(features(*load_labelled(files).train)(50, 0), 1.0);
}

TEST_F(LabelledFilesTest, TheHashTellsDataApart) {
  const auto hash = [&](const std::string& text) { return load_labelled(csv(text)).train->describe().hash; };
  EXPECT_EQ(hash("1,0\n2,1\n"), hash("x,y\n1.0,0\n2.0,1\n"));
  EXPECT_NE(hash("1,0\n2,1\n"), hash("1,0\n3,1\n"));
  EXPECT_NE(hash("1,0\n2,1\n"), hash("1,1\n2,0\n"));
}

}  // namespace
}  // namespace optex
