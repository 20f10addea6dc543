// The files as a stranger sees them: read with the plain HDF5 library, none of our code.
#include "optex/core/errors.hpp"
#include "optex/hdf5/file.hpp"

#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <hdf5.h>

namespace optex::hdf5 {
namespace {

TEST(Layout, DoublesAreLittleEndianInChunksOfAMebibyteWithChecksums) {
  const test::TemporaryFolder folder;
  const Vector row = Vector::LinSpaced(300000, 0.0, 1.0);
  {
    File file = File::create(folder / "a.h5", 512);
    Dataset rows = file.create_rows("/history/theta", 2, row.size());
    rows.write_row(0, row);
    rows.write_row(1, -row);
    rows.close();
    file.write_attribute("/", "format", "optex-checkpoint");
    file.close();
  }
  const hid_t file = H5Fopen((folder / "a.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  const hid_t dataset = H5Dopen2(file, "/history/theta", H5P_DEFAULT);
  ASSERT_GE(dataset, 0);
  const hid_t type = H5Dget_type(dataset);
  EXPECT_GT(H5Tequal(type, H5T_IEEE_F64LE), 0);
  const hid_t creation = H5Dget_create_plist(dataset);
  hsize_t chunk[2] = {0, 0};
  ASSERT_EQ(H5Pget_chunk(creation, 2, chunk), 2);
  EXPECT_EQ(chunk[0], 1U);
  EXPECT_EQ(chunk[1], 100000U);  // 300000 in three equal parts of at most 131072
  ASSERT_EQ(H5Pget_nfilters(creation), 1);
  unsigned flags = 0, config = 0;
  std::size_t values = 0;
  EXPECT_EQ(H5Pget_filter2(creation, 0, &flags, &values, nullptr, 0, nullptr, &config),
            H5Z_FILTER_FLETCHER32);
  Matrix back(row.size(), 2);  // column-major: a row of the file is a column here
  ASSERT_GE(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, back.data()), 0);
  EXPECT_EQ(back.col(0), row);
  EXPECT_EQ(back.col(1), -row);
  EXPECT_GT(H5Aexists(file, "format"), 0);
  H5Pclose(creation);
  H5Tclose(type);
  H5Dclose(dataset);
  H5Fclose(file);
}

TEST(Layout, AHeaderThatPromisesMoreThanTheFileHoldsIsRefused) {
  const test::TemporaryFolder folder;
  const hid_t file = H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t extent[1] = {hsize_t{1} << 50};
  const hsize_t chunk[1] = {1024};
  const hid_t space = H5Screate_simple(1, extent, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, chunk);
  H5Dclose(H5Dcreate2(file, "/huge", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  EXPECT_THROW(File::open(folder / "a.h5").read_vector("/huge"), IoError);
}

TEST(Layout, NumbersOfOtherWidthsAndCompressedOnesAreRead) {
  const test::TemporaryFolder folder;
  const hid_t file = H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t extent[1] = {100000};
  const std::vector<float> zeros(100000, 0.0F);
  const hid_t space = H5Screate_simple(1, extent, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, extent);
  H5Pset_deflate(creation, 9);
  const hid_t dataset = H5Dcreate2(file, "/zeros", H5T_IEEE_F32BE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros.data());
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  EXPECT_EQ(File::open(folder / "a.h5").read_vector("/zeros"), Vector::Zero(100000));
}

// However many filters there are, and however large a chunk: at most 1032 times what the file holds.
TEST(Layout, ATinyFileCannotAskForMuchMemory) {
  const test::TemporaryFolder folder;
  const hid_t file = H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
  const auto add = [&](const char* name, hsize_t count, hsize_t chunk, int filters, hsize_t written) {
    const hsize_t most = H5S_UNLIMITED;
    const hid_t space = H5Screate_simple(1, &count, &most);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 1, &chunk);
    for (int i = 0; i < filters; ++i) H5Pset_deflate(creation, 9);
    const hid_t dataset = H5Dcreate2(file, name, H5T_STD_I8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    const std::vector<std::int8_t> zeros(written, 0);
    const hsize_t first = 0;
    const hid_t part = H5Screate_simple(1, &written, nullptr);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, nullptr, &written, nullptr);
    H5Dwrite(dataset, H5T_NATIVE_INT8, part, space, H5P_DEFAULT, zeros.data());
    for (const hid_t id : {part, space}) H5Sclose(id);
    H5Dclose(dataset);
    H5Pclose(creation);
  };
  add("/twice", 3'000'000, 3'000'000, 2, 3'000'000);  // 200 bytes in the file
  add("/chunk", 10, 3'000'000, 2, 10);
  add("/once", 50'000, 50'000, 1, 50'000);
  H5Fclose(file);
  ASSERT_LT(std::filesystem::file_size(folder / "a.h5"), 20'000U);
  const File in = File::open(folder / "a.h5");
  for (const char* name : {"/twice", "/chunk"}) {
    EXPECT_TRUE(in.contains(name));
    EXPECT_THROW(in.read_vector(name), IoError) << name;
  }
  EXPECT_EQ(in.read_vector("/once").size(), 50'000);
}

}  // namespace
}  // namespace optex::hdf5
