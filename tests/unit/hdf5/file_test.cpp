#include "optex/hdf5/file.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/read_vector.hpp"

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace optex::hdf5 {
namespace {

using test::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Numbers that a careless path would change: the signs of zeros, the payload of a NaN, the smallest and
/// largest.
Vector awkward_numbers(Index length) {
  Vector out(length);
  const double special[] = {0.0,
                            -0.0,
                            std::numeric_limits<double>::quiet_NaN(),
                            -std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::denorm_min(),
                            std::numeric_limits<double>::max(),
                            0.1};
  for (Index i = 0; i < length; ++i) out[i] = special[i % 7] + (i % 7 == 6 ? static_cast<double>(i) : 0.0);
  return out;
}

bool same_bits(const Vector& a, const Vector& b) {
  if (a.size() != b.size() || a.size() == 0) return a.size() == b.size();
  return std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<std::size_t>(a.size())) == 0;
}

template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

TEST(File, GivesBackTheSameBits) {
  const TemporaryFolder folder;
  const Vector few = awkward_numbers(5), many = awkward_numbers(300001), none(0);
  const std::vector<std::int64_t> integers = {std::numeric_limits<std::int64_t>::min(), -1, 0, 7};
  const std::string text = "theta = \"\xce\xb8\"\nsecond line";
  {
    File file = File::create(folder / "a.h5");
    file.write("/deep/in/groups/few", few);
    file.write("/many", many);
    file.write("/none", none);
    file.write("/integers", integers);
    file.write("/text", text);
    file.write("/empty_text", "");
    file.write("/double", -0.0);
    file.write("/integer", std::int64_t{-5});
    file.write_attribute("/", "format", "something");
    file.write_attribute("/many", "count", std::int64_t{3});
    file.write_attribute("/many", "scale", 0.1);
    file.close();
  }
  const File file = File::open(folder / "a.h5");
  EXPECT_TRUE(same_bits(file.read_vector("/deep/in/groups/few"), few));
  EXPECT_TRUE(same_bits(file.read_vector("/many"), many));
  EXPECT_EQ(file.read_vector("/none").size(), 0);
  EXPECT_EQ(file.read_integers("/integers"), integers);
  EXPECT_EQ(file.read_text("/text"), text);
  EXPECT_EQ(file.read_text("/empty_text"), "");
  EXPECT_TRUE(std::signbit(file.read_double("/double")));
  EXPECT_EQ(file.read_integer("/integer"), -5);
  EXPECT_EQ(file.read_text_attribute("/", "format"), "something");
  EXPECT_EQ(file.read_integer_attribute("/many", "count"), 3);
  EXPECT_EQ(file.read_double_attribute("/many", "scale"), 0.1);
  EXPECT_TRUE(file.has_attribute("/many", "scale"));
  EXPECT_FALSE(file.has_attribute("/many", "other"));
  EXPECT_TRUE(file.contains("/deep/in/groups"));
  EXPECT_FALSE(file.contains("/deep/other/groups"));
}

class Rows : public testing::TestWithParam<std::pair<Index, Index>> {};

TEST_P(Rows, WrittenOneByOneReadInAnyPiece) {
  const auto [rows, columns] = GetParam();
  const TemporaryFolder folder;
  const Vector all = awkward_numbers(rows * columns);
  {
    File file = File::create(folder / "a.h5");
    Dataset dataset = file.create_rows("/history/theta", rows, columns);
    for (Index row = 0; row < rows; ++row) dataset.write_row(row, all.segment(row * columns, columns));
    dataset.close();
    file.close();
  }
  const File file = File::open(folder / "a.h5");
  const Dataset dataset = file.dataset("/history/theta");
  ASSERT_EQ(dataset.rows(), rows);
  ASSERT_EQ(dataset.columns(), columns);
  for (Index row = 0; row < rows; ++row) {
    Vector out(columns);
    dataset.read_row(row, out);
    ASSERT_TRUE(same_bits(out, all.segment(row * columns, columns))) << row;
  }
  Vector whole(rows * columns);
  dataset.read_rows(0, rows, whole.data());
  EXPECT_TRUE(same_bits(whole, all));
}

INSTANTIATE_TEST_SUITE_P(Shapes, Rows,
                         testing::Values(std::pair<Index, Index>{3, 200001}, std::pair<Index, Index>{3000, 7},
                                         std::pair<Index, Index>{5, 131072}, std::pair<Index, Index>{0, 5},
                                         std::pair<Index, Index>{4, 0}, std::pair<Index, Index>{1, 1}));

TEST(File, EqualContentGivesEqualBytes) {
  const TemporaryFolder folder;
  for (const char* name : {"a.h5", "b.h5"}) {
    File file = File::create(folder / name);
    file.write("/values", awkward_numbers(1000));
    Dataset rows = file.create_rows("/rows", 3, 1000);
    for (Index row = 0; row < 3; ++row) rows.write_row(row, awkward_numbers(1000));
    file.write("/text", "text");
    rows.close();
    file.close();
  }
  EXPECT_EQ(test::read_bytes(folder / "a.h5"), test::read_bytes(folder / "b.h5"));
}

TEST(File, NeverOverwritesNorFollowsLinks) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "precious", "data");
  std::filesystem::create_symlink(folder / "precious", folder / "link.h5");
  std::filesystem::create_symlink(folder / "nowhere", folder / "dangling.h5");
  for (const char* name : {"precious", "link.h5", "dangling.h5"})
    EXPECT_THAT(error_of([&] { File::create(folder / name); }), HasSubstr(name));
  EXPECT_EQ(test::read_bytes(folder / "precious"), "data");
  EXPECT_FALSE(std::filesystem::exists(folder / "nowhere"));
}

// What stands in somebody's data says nothing of the file's own heaps.
TEST(File, TheWordHeapIsNoHeap) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "words.h5";
  File::create(path).write("/x", Vector(Vector::Ones(9)));
  std::ofstream(path, std::ios::app | std::ios::binary)
      << std::string("HEAP\0\0\0\0HEAP\0\0\0\0", 16) << std::string(32, '\0');
  EXPECT_EQ(File::open(path).read_vector("/x"), Vector(Vector::Ones(9)));
}

TEST(File, OpeningWhatIsNotHdf5SaysSo) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "text.h5", "hello");
  test::write_bytes(folder / "empty.h5", "");
  ASSERT_EQ(::mkfifo((folder / "pipe.h5").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { File::open(folder / "missing.h5"); }),
              AllOf(HasSubstr("missing.h5"), HasSubstr("No such file")));
  EXPECT_THAT(error_of([&] { File::open(folder / "text.h5"); }), HasSubstr("not an HDF5 file"));
  EXPECT_THAT(error_of([&] { File::open(folder / "empty.h5"); }), HasSubstr("not an HDF5 file"));
  EXPECT_THAT(error_of([&] { File::open(folder.path()); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { File::open(folder / "pipe.h5"); }), HasSubstr("not a regular file"));
}

TEST(File, ErrorsAreOneLineAndTheLibraryIsSilent) {
  const TemporaryFolder folder;
  File::create(folder / "a.h5").close();
  testing::internal::CaptureStderr();
  const std::string message = error_of([&] { File::create(folder / "a.h5"); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(message, AllOf(Not(HasSubstr("\n")), HasSubstr("a.h5"), HasSubstr("File exists")));
}

TEST(File, WritingANameTwiceIsAnError) {
  const TemporaryFolder folder;
  File file = File::create(folder / "a.h5");
  file.write("/x", 1.0);
  EXPECT_THAT(error_of([&] { file.write("/x", 2.0); }), HasSubstr("a.h5:/x"));
  EXPECT_THAT(error_of([&] { file.write("/text", std::string_view("a\0b", 3)); }), HasSubstr("NUL"));
}

TEST(File, ListsItsEntries) {
  const TemporaryFolder folder;
  File file = File::create(folder / "a.h5");
  file.write("/group/values", awkward_numbers(12));
  file.write("/group/name", "adam");
  std::vector<std::string> lines;
  for (const Entry& entry : file.entries()) lines.push_back(entry.path + " " + entry.type);
  EXPECT_THAT(lines, ElementsAre("/group group", "/group/name string", "/group/values float64"));
  EXPECT_EQ(file.entries(1).size(), 1U);
}

TEST(ReadVector, TakesOneRowOfNumbersAndExplainsTheRest) {
  const TemporaryFolder folder;
  const Vector start = awkward_numbers(9);
  {
    File file = File::create(folder / "start.h5");
    file.write("/theta", start);
    file.create_rows("/one_row", 1, 9).write_row(0, start);
    Dataset square = file.create_rows("/square", 2, 9);
    square.write_row(0, start);
    square.write_row(1, start);
    file.write("/name", "adam");
    file.write("/counts", std::vector<std::int64_t>{1, 2, 3});
    file.write("/scalar", 1.0);
    file.create_rows("/never_written", 1, 1000000);
    square.close();
    file.close();
  }
  EXPECT_TRUE(same_bits(read_vector(folder / "start.h5", "/theta"), start));
  EXPECT_TRUE(same_bits(read_vector(folder / "start.h5", "theta"), start));
  EXPECT_TRUE(same_bits(read_vector(folder / "start.h5", "/one_row"), start));
  EXPECT_EQ(read_vector(folder / "start.h5", "/counts"), (Vector(3) << 1, 2, 3).finished());
  EXPECT_THAT(error_of([&] { read_vector(folder / "start.h5", "/tehta"); }),
              AllOf(HasSubstr("no dataset /tehta"), HasSubstr("/theta (float64 9)"),
                    HasSubstr("/square (float64 2 x 9)"), Not(HasSubstr("\n"))));
  EXPECT_THAT(error_of([&] { read_vector(folder / "start.h5", "/square"); }), HasSubstr("2 x 9"));
  EXPECT_THAT(error_of([&] { read_vector(folder / "start.h5", "/name"); }), HasSubstr("its type is string"));
  EXPECT_THAT(error_of([&] { read_vector(folder / "start.h5", "/scalar"); }), HasSubstr("scalar"));
  EXPECT_THAT(error_of([&] { read_vector(folder / "start.h5", "/never_written"); }), HasSubstr("incomplete"));
  EXPECT_THAT(error_of([&] { read_vector(folder / "start.h5", "/"); }), HasSubstr("start.h5"));
  EXPECT_THAT(error_of([&] { read_vector(folder / "start.h5", ""); }), HasSubstr("start.h5"));
}

TEST(File, AFlippedBitInTheNumbersIsFoundOnReading) {
  const TemporaryFolder folder;
  Vector values = Vector::Constant(1000, 1.2345678);
  {
    File file = File::create(folder / "a.h5");
    file.write("/values", values);
    file.close();
  }
  std::string bytes = test::read_bytes(folder / "a.h5");
  std::string pattern(sizeof(double), '\0');
  std::memcpy(pattern.data(), values.data(), sizeof(double));
  const auto position = bytes.find(pattern + pattern);
  ASSERT_NE(position, std::string::npos);
  bytes[position + 3] = static_cast<char>(bytes[position + 3] ^ 4);
  test::write_bytes(folder / "b.h5", bytes);
  EXPECT_THAT(error_of([&] { read_vector(folder / "b.h5", "/values"); }), HasSubstr("b.h5:/values"));
}

// Every length at which the disk can be full: an error, or a whole file. Never a silent half.
TEST(File, AFullDiskIsReportedWhereverItHappens) {
  const TemporaryFolder folder;
  const Vector row = awkward_numbers(20000);
  const auto write_file = [&](const std::filesystem::path& path) {
    File file = File::create(path, 512);
    file.write("/values", row);
    Dataset rows = file.create_rows("/rows", 4, row.size());
    for (Index i = 0; i < 4; ++i) rows.write_row(i, row);
    rows.close();
    file.write("/text", "the end");
    file.write_attribute("/", "format", "x");
    file.close();
  };
  write_file(folder / "whole.h5");
  const std::string whole = test::read_bytes(folder / "whole.h5");
  for (std::size_t limit = 0; limit <= whole.size() + 4096; limit += 1021 + limit / 40) {
    const auto path = folder / fmt::format("{}.h5", limit);
    test::ChildProcess child([&] {
      test::limit_file_size(limit);
      for (int attempt = 0; attempt < 3; ++attempt) {  // a failure must not poison the next file
        std::filesystem::remove(path);
        try {
          write_file(path);
        } catch (const IoError&) {
          continue;
        }
        return 0;
      }
      return 6;
    });
    const std::optional<int> code = child.wait();
    ASSERT_TRUE(code.has_value()) << limit;
    if (*code == 0) {
      EXPECT_EQ(test::read_bytes(path), whole) << limit;
    } else {
      EXPECT_EQ(*code, 6) << limit;
      EXPECT_LT(limit, whole.size());
    }
  }
}

}  // namespace
}  // namespace optex::hdf5
