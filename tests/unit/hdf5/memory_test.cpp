// How much memory a file can make the library ask for.
#include "optex/core/errors.hpp"
#include "optex/hdf5/file.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <hdf5.h>

namespace optex::hdf5 {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

rlim_t memory_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_DATA, &limit);
  return limit.rlim_cur;
}

/// Some systems know the limit and hold nothing against it.
bool limits_hold() {
  test::ChildProcess child([] {
    const rlimit none{1, 1};
    ::setrlimit(RLIMIT_DATA, &none);
    void* const block = std::malloc(std::size_t{1} << 30);
    const int refused = block == nullptr ? 1 : 0;
    std::free(block);
    return refused;
  });
  return child.wait() == 1;
}

/// The most memory that this process has had, in MiB.
long peak() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss >> 10;
}

// The list of a virtual dataset's parts stands in a heap of the file: a byte for the version, the number of
// parts, then their files. For ten million HDF5 asks for 2 GB, and fills them before it looks at the list.
TEST(Memory, ADamagedCountGetsNone) {
  if (sanitized || !limits_hold()) GTEST_SKIP() << "memory cannot be limited here";
  const test::TemporaryFolder folder;
  {
    const hsize_t count = 6;
    const hid_t file = H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_virtual(creation, space, "elsewhere.h5", "x", space);
    H5Dclose(H5Dcreate2(file, "/x", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5Pclose(creation);
    H5Sclose(space);
    H5Fclose(file);
  }
  std::string bytes = test::read_bytes(folder / "a.h5");
  const auto name = bytes.find("elsewhere.h5");
  ASSERT_NE(name, std::string::npos);
  bytes.replace(name - 8, 8, std::string("\x80\x96\x98\0\0\0\0\0", 8));  // 10^7
  test::write_bytes(folder / "b.h5", bytes);
  test::ChildProcess child([&] {
    const rlim_t before = memory_limit();
    try {
      (void)File::open(folder / "b.h5").dataset("/x");
      return 1;
    } catch (const OutOfMemory& error) {
      const std::string words = error.what();
      if (words.find("b.h5:/x") == std::string::npos || words.find("384 MiB") == std::string::npos) return 2;
    }
    if (memory_limit() != before) return 3;
    return peak() < 500 ? 0 : 4;
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST(Memory, APieceThatTheFileHoldsIsUnpackedHoweverLarge) {
  const test::TemporaryFolder folder;
  constexpr hsize_t count = 52'000'000;  // 416 MB, a thousandth of that in the file
  {
    const hid_t file = H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 1, &count);
    H5Pset_deflate(creation, 1);
    const Vector zeros = Vector::Zero(static_cast<Index>(count));
    const hid_t set = H5Dcreate2(file, "/x", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    ASSERT_GE(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros.data()), 0);
    H5Dclose(set);
    H5Pclose(creation);
    H5Sclose(space);
    H5Fclose(file);
  }
  ASSERT_LT(std::filesystem::file_size(folder / "a.h5"), 3'000'000U);
  const rlim_t before = memory_limit();
  double first = 1.0;  // for which all is unpacked
  File::open(folder / "a.h5").dataset("/x").read_rows(0, 1, &first);
  EXPECT_EQ(first, 0.0);
  EXPECT_EQ(memory_limit(), before);
}

}  // namespace
}  // namespace optex::hdf5
