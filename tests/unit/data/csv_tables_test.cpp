#include "labelled_files_fixture.hpp"
#include <gmock/gmock.h>

namespace optex {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class CsvTables : public LabelledFilesTest {};

TEST_F(CsvTables, CsvWithHeaderAndWithout) {
  Matrix expected(2, 3);
  expected << 1.5, -2, 3, 4e-1, 5, 6;
  for (const char* text :
       {"1.5,0.4,0\n-2,5,1\n3,6,2\n", "a,b,class\n1.5,4e-1,0\n\n-2,5,1\r\n3,+6,2",
        "\"a b\";\"c\";\"y\"\n1.5; 0.4 ;0\n-2;5;1\n3;6;2\n", "1.5,0.4,0\r-2,5,1\r3,6,2\r",
        "# x y\n1.5 4.0D-01  0\n -2 5 1\n3 6.0d0 2\n# end\n", "0,1,label\n1.5,0.4,0\n-2,5,1\n3,6,2\n",
        ",0,1,2\n0,1.5,0.4,0\n1,-2,5,1\n2,3,6,2\n", "a,b,y,\n1.5,0.4,0,\n-2,5,1,\n3,6,2\n",
        "Unnamed: 0|a|b|y\n7|1.5|0.4|0\n8|-2|5|1\n9|3|6|2\n",
        "\"a, \"\"b\"\"\",\"c;\nd\",'y'\n'1.5',\"0.4\",0\n-2,5,1\n3,6,2\n",
        "\t#1\tx\tlabel\n0\t1.5\t0.4\t0\n1\t-2\t5\t1\n2\t3\t6\t2\n",
        "#1;\"two\nlines\";label\n1.5;0.4;0\n-2;5;1\n3;6;2\n",
        "# of \"Ann's, \"5 each\n# in \"all\na,b,\"y\"\n1.5,0.4,0\n-2,5,1\n3,6,2\n",
        "\xEF\xBB\xBF"
        "1.5\t0.4\t0\n-2\t5\t1\n3\t6\t2\n"}) {
    const LabelledSets sets = load_labelled(csv(text));
    EXPECT_EQ(features(*sets.train), expected) << text;
    EXPECT_THAT(sets.train->labels(), ElementsAre(0, 1, 2));
    EXPECT_EQ(sets.train->class_count(), 3);
    EXPECT_EQ(sets.test, nullptr);
  }
}

TEST_F(CsvTables, CsvLabelsInTheFirstColumn) {
  LabelledFiles files = csv("1,7\n0,8\n");
  files.label_column = LabelColumn::first;
  const LabelledSets sets = load_labelled(files);
  EXPECT_THAT(sets.train->labels(), ElementsAre(1, 0));
  EXPECT_EQ(features(*sets.train)(0, 1), 8.0);
}

TEST_F(CsvTables, CsvMistakesNameFileLineAndColumn) {
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
  EXPECT_THAT(says("1,0\n2,7000\n3,1\n"), AllOf(HasSubstr(":2: "), HasSubstr("more classes than samples")));
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
  EXPECT_THAT(says(std::string("\xFF\xFE\0\0"
                               "1\0\0\0",
                               8)),
              HasSubstr("iconv -f UTF-32"));
  EXPECT_THAT(says("1,0\n2\xE9,1\n"), AllOf(HasSubstr(":2: "), HasSubstr("iconv")));
  EXPECT_THAT(says("a,y\n1,0\n1:0.5,1\n"), HasSubstr("data.format = \"libsvm\""));
  EXPECT_THAT(says("0,one,y\n1,2,0\n2,3,1\n"), "accepted");  // column numbers and names
  EXPECT_THAT(says("5.1,3.5,y\n1,2,0\n"), AllOf(HasSubstr(":1: column 3: 'y'"), HasSubstr("data.header")));
  EXPECT_THAT(says("1,?,0\n1,2,0\n"), HasSubstr(":1: column 2: '?'"));
  EXPECT_THAT(says("\"a\nb,c,y\n1,2,0\n"), HasSubstr(":1: a quote that is not closed"));
  EXPECT_THAT(refusal({.train = folder_ / "missing.csv"}), HasSubstr("no such file"));
}

TEST_F(CsvTables, AFirstLineOfColumnNumbersIsAskedAbout) {
  LabelledFiles files = csv("0,1,2\n5,6,1\n7,8,0\n");
  EXPECT_THAT(refusal(files), AllOf(HasSubstr("train.csv:1: "), HasSubstr("data.header")));
  files.header = true;
  EXPECT_THAT(load_labelled(files).train->labels(), ElementsAre(1, 0));
  files.header = false;
  EXPECT_THAT(load_labelled(files).train->labels(), ElementsAre(2, 1, 0));
  files = csv("400.5,410.5,7\n5,6,1\n7,8,0\n");
  files.header = true;
  EXPECT_EQ(load_labelled(files).train->sample_count(), 2);
}

TEST_F(CsvTables, AColumnThatIsCalledTheLabelIsTheLabel) {
  LabelledFiles files = csv("Label,pixel0,pixel1\n1,5,0\n0,7,1\n");
  EXPECT_THAT(refusal(files), AllOf(HasSubstr("column 1 (Label), but the labels would be column 3 (pixel1)"),
                                    HasSubstr("data.label_column = \"first\"")));
  files.label_column = LabelColumn::first;
  EXPECT_THAT(load_labelled(files).train->labels(), ElementsAre(1, 0));
  files = csv("a,label,b\n5,1,0\n7,0,1\n");
  EXPECT_THAT(refusal(files), HasSubstr("move it to the front or to the end"));
  EXPECT_EQ(load_labelled(csv("label,a,label\n5,1,0\n7,0,1\n")).train->sample_count(), 2);
}

TEST_F(CsvTables, NumbersBeyondTheRangeOfDoubles) {
  const LabelledSets sets = load_labelled(csv("1e-400,0\n-1e-400,1\n4.9e-324,0\n1.0D+00,1\nTrue,False\n"));
  Matrix expected(1, 5);
  expected << 0.0, -0.0, 4.9e-324, 1.0, 1.0;
  EXPECT_EQ(features(*sets.train), expected);
  EXPECT_THAT(refusal(csv("1e400,0\n1,1\n")), HasSubstr("not finite"));
  EXPECT_THAT(refusal(csv("1D,0\n1,1\n")), HasSubstr("'1D' is no number"));
}
}  // namespace
}  // namespace optex
