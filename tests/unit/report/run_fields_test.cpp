#include "optex/report/run_fields.hpp"

#include "optex/hdf5/file.hpp"
#include "optex/report/pages.hpp"
#include "optex/report/report.hpp"

#include <cmath>
#include <functional>

#include "support/temporary_folder.hpp"
#include "unit/report/written_run.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

void write_field(hdf5::File& file, const std::string& path, Index rows, Index columns,
                 const std::function<double(Index, Index)>& value, const std::string& name,
                 const std::string& kind = "field", const std::string& truth = "") {
  hdf5::Dataset data = file.create_rows(path, rows, columns);
  for (Index r = 0; r < rows; ++r) {
    Vector row(columns);
    for (Index c = 0; c < columns; ++c) row[c] = value(r, c);
    data.write_row(r, row);
  }
  data.close();
  file.write_attribute(path, "name", name);
  file.write_attribute(path, "kind", kind);
  file.write_attribute(path, "unit", "K");
  file.write_attribute(path, "truth", truth);
}

TEST(RunFields, TheStartTheWayAndTheAnswerInOrder) {
  const test::TemporaryFolder folder;
  const auto path = std::filesystem::path(folder / "results.h5");
  hdf5::File file = hdf5::File::create(path);
  const auto constant = [](double x) { return [x](Index, Index) { return x; }; };
  write_field(
      file, "/problem/heat", 2, 3, [](Index r, Index c) { return static_cast<double>(10 * r + c); }, "heat",
      "field", "true heat");
  write_field(file, "/problem/true heat", 2, 3, constant(1.0), "true heat");
  write_field(file, "/earlier/000100/heat", 2, 3, constant(2.0), "heat");
  write_field(file, "/earlier/000000/heat", 2, 3, constant(3.0), "heat");
  file.create_rows("/problem/of_an_older_version", 1, 1).close();
  file.close();
  std::vector<std::string> remarks;
  const std::vector<ReportedField> fields = read_run_fields(path, 250, remarks);
  EXPECT_TRUE(remarks.empty());
  ASSERT_EQ(fields.size(), 2U);
  const ReportedField& heat = fields[0].name == "heat" ? fields[0] : fields[1];
  EXPECT_EQ(heat.truth, "true heat");
  EXPECT_EQ(heat.unit, "K");
  ASSERT_EQ(heat.frames.size(), 3U);
  EXPECT_EQ(heat.frames[0].round, 0);
  EXPECT_EQ(heat.frames[1].round, 100);
  EXPECT_EQ(heat.frames[2].round, 250);
  EXPECT_THAT(heat.frames[2].values, testing::ElementsAre(0.0, 1.0, 2.0, 10.0, 11.0, 12.0));
}

// However large it is, the page stays small, and says so; what is not finite is counted and left blank.
TEST(RunFields, LargeOnesAreThinnedAndItIsSaid) {
  const test::TemporaryFolder folder;
  const auto path = std::filesystem::path(folder / "results.h5");
  hdf5::File file = hdf5::File::create(path);
  write_field(
      file, "/problem/large", 400, 301,
      [](Index r, Index c) { return r < 8   ? std::nan("")
                                    : c < 3 ? 5.0
                                            : 1.0; }, "large");
  write_field(
      file, "/problem/path", 9000, 2, [](Index r, Index c) { return static_cast<double>(c == 0 ? r : -r); },
      "path", "curve");
  write_field(
      file, "/earlier/000000/large", 4, 5, [](Index, Index) { return 0.0; }, "large");
  file.close();
  std::vector<std::string> remarks;
  const std::vector<ReportedField> fields = read_run_fields(path, 1, remarks);
  ASSERT_EQ(fields.size(), 2U);
  const FieldFrame& large = fields[0].frames.back();
  EXPECT_EQ(large.rows, 400);
  EXPECT_EQ(large.blank, 8 * 301);
  EXPECT_EQ(large.largest, 5.0);
  EXPECT_LE(large.shown_rows * large.shown_columns, most_cells);
  EXPECT_EQ(static_cast<Index>(large.values.size()), large.shown_rows * large.shown_columns);
  EXPECT_TRUE(std::isnan(large.values[0]));  // a block without a number
  EXPECT_EQ(large.values.back(), 1.0);       // also that at the ragged edge
  const FieldFrame& curve = fields[1].frames.back();
  EXPECT_EQ(curve.shown_rows, 1800);
  EXPECT_EQ(curve.values[2], 5.0);  // the fifth row as it is, no mean: x and y belong together
  EXPECT_EQ(curve.values[3], -5.0);
  EXPECT_THAT(remarks,
              Contains(HasSubstr("large: 400 x 301 entries are drawn as 134 x 101, means of blocks")));
  EXPECT_THAT(remarks, Contains(HasSubstr("large: its shape changes, from 4 x 5 in round 0 to 400 x 301")));
}

TEST(RunFields, FilesThatAreNoneAreRemarks) {
  const test::TemporaryFolder folder;
  std::vector<std::string> remarks;
  EXPECT_TRUE(read_run_fields(std::filesystem::path(folder / "missing.h5"), 1, remarks).empty());
  EXPECT_TRUE(remarks.empty());
  std::ofstream(std::filesystem::path(folder / "results.h5")) << "not HDF5";
  EXPECT_TRUE(read_run_fields(std::filesystem::path(folder / "results.h5"), 1, remarks).empty());
  EXPECT_THAT(remarks, Contains(HasSubstr("no fields are drawn")));
}

TEST(RunFields, MarkupInNamesStaysText) {
  const test::TemporaryFolder folder;
  const test::WrittenRun run{.folder = std::filesystem::path(folder / "run")};
  run.write();
  hdf5::File file = hdf5::File::create(run.folder / "results.h5");
  const std::string name = "</script><script>alert(1)</script>";
  write_field(
      file, "/problem/x", 2, 2, [](Index, Index) { return 1.0; }, name);
  file.close();
  const std::string page = report_html(make_report(read_runs(run.folder), {}));
  EXPECT_THAT(page, Not(HasSubstr(name)));
  EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;script&gt;alert(1)"));
  EXPECT_THAT(page, HasSubstr("<h2>The solution</h2>"));
}

}  // namespace
}  // namespace optex
