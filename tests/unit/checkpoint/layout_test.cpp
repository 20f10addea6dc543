// A checkpoint as a stranger reads it: plain HDF5, the names and shapes of docs/checkpoint-format.md.
#include "sample_state.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <hdf5.h>

namespace optex {
namespace {

class Layout : public testing::Test {
 protected:
  Layout() {
    save_checkpoint(folder_ / "a.h5", state_, test::sample_run());
    file_ = H5Fopen((folder_ / "a.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  }
  ~Layout() override { H5Fclose(file_); }

  /// Numbers of a dataset and its shape.
  std::pair<std::vector<double>, std::vector<hsize_t>> numbers(const char* path) const {
    const hid_t dataset = H5Dopen2(file_, path, H5P_DEFAULT);
    const hid_t space = H5Dget_space(dataset);
    std::vector<hsize_t> shape(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, shape.data(), nullptr);
    std::vector<double> out(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data());
    H5Sclose(space);
    H5Dclose(dataset);
    return {out, shape};
  }
  std::string text(hid_t object, hid_t type, bool attribute) const {
    char* pointer = nullptr;
    attribute ? H5Aread(object, type, &pointer)
              : H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &pointer);
    std::string out = pointer == nullptr ? "unreadable" : pointer;
    H5free_memory(pointer);
    H5Tclose(type);
    attribute ? H5Aclose(object) : H5Dclose(object);
    return out;
  }
  std::string text(const char* path) const {
    const hid_t dataset = H5Dopen2(file_, path, H5P_DEFAULT);
    return text(dataset, H5Dget_type(dataset), false);
  }
  std::string attribute(const char* name) const {
    const hid_t id = H5Aopen(file_, name, H5P_DEFAULT);
    return text(id, H5Aget_type(id), true);
  }

  const test::TemporaryFolder folder_;
  const RunState state_ = test::random_state(4);
  hid_t file_ = -1;
};

using Shape = std::vector<hsize_t>;

TEST_F(Layout, AttributesAndTexts) {
  ASSERT_GE(file_, 0);
  EXPECT_EQ(attribute("format"), "optex-checkpoint");
  EXPECT_EQ(attribute("config_hash"), test::sample_run().config_hash);
  EXPECT_EQ(attribute("payload_hash").size(), 32U);
  for (const auto& [name, value] : {std::pair{"format_version", 1}, {"iteration", 4}, {"dimension", 11}}) {
    const hid_t id = H5Aopen(file_, name, H5P_DEFAULT);
    std::int64_t found = 0;
    H5Aread(id, H5T_NATIVE_INT64, &found);
    H5Aclose(id);
    EXPECT_EQ(found, value) << name;
  }
  EXPECT_EQ(text("/config"), test::sample_run().config);
  EXPECT_EQ(text("/optimizer/name"), "adam");
  EXPECT_EQ(text("/rng/scheme"), "philox4x64-10");
  EXPECT_EQ(text("/data/source"), "fashion-mnist");
}

TEST_F(Layout, Numbers) {
  ASSERT_GE(file_, 0);
  const auto [theta, theta_shape] = numbers("/state/theta");
  EXPECT_EQ(theta_shape, Shape{11});
  EXPECT_EQ(Eigen::Map<const Vector>(theta.data(), 11), state_.theta);
  const auto [moments, moments_shape] = numbers("/optimizer/moments");
  EXPECT_EQ(moments_shape, (Shape{2, 11}));
  EXPECT_EQ(Eigen::Map<const Vector>(moments.data() + 11, 11), state_.optimizer.moments.col(1));
  const auto [history, history_shape] = numbers("/history/gradient");
  EXPECT_EQ(history_shape, (Shape{4, 11}));
  EXPECT_EQ(Eigen::Map<const Vector>(history.data() + 33, 11), state_.history.gradient(3));
  EXPECT_EQ(numbers("/history/theta").second, (Shape{4, 11}));
  EXPECT_EQ(numbers("/history/iteration").first, (std::vector<double>{2, 3, 4, 5}));
  EXPECT_EQ(numbers("/history/value").first[0], 2.1);
  EXPECT_EQ(numbers("/history/capacity").first[0], 4.0);
  EXPECT_EQ(numbers("/rng/seed").first[0], 7.0);
  EXPECT_EQ(numbers("/data/samples").first[0], 60000.0);
  EXPECT_EQ(numbers("/data/shards").first[0], 8.0);
  EXPECT_EQ(numbers("/accounting/seconds").first[0], state_.seconds);
  EXPECT_EQ(numbers("/state/best_value").first[0], state_.best.value);
  EXPECT_EQ(numbers("/state/best_value").second, Shape{});
}

}  // namespace
}  // namespace optex
