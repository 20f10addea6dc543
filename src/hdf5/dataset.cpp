#include "optex/hdf5/dataset.hpp"

#include <limits>
#include <utility>

#include "library.hpp"

namespace optex::hdf5 {

namespace {

/// Selects `count` rows from `first` on in the file and moves them.
template <typename Transfer>
void move_rows(const Dataset& dataset, hid_t id, Index first, Index count, const char* action,
               Transfer transfer) {
  if (first < 0 || count < 0 || first > dataset.rows() - count)
    throw IoError(fmt::format("{}: rows {} to {} asked for, there are {}", dataset.name(), first,
                              first + count, dataset.rows()));
  if (count == 0 || dataset.columns() == 0) return;
  const hsize_t start[2] = {static_cast<hsize_t>(first), 0};
  const hsize_t extent[2] = {static_cast<hsize_t>(count), static_cast<hsize_t>(dataset.columns())};
  const Handle file_space(checked(H5Dget_space(id), dataset.name(), action), H5Sclose);
  checked(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, nullptr, extent, nullptr), dataset.name(),
          action);
  const Handle memory_space(
      checked(H5Screate_simple(dataset.rank(), extent, nullptr), dataset.name(), action), H5Sclose);
  checked(transfer(memory_space, file_space), dataset.name(), action);
}

}  // namespace

Dataset::Dataset(std::string name, Handle id, std::uintmax_t chunk)
    : name_(std::move(name)), id_(std::move(id)), chunk_(chunk) {
  const LibraryCall call;
  const char* action = "read the shape";
  const Handle space(checked(H5Dget_space(id_), name_, action), H5Sclose);
  rank_ = checked(H5Sget_simple_extent_ndims(space), name_, action);
  hsize_t extent[H5S_MAX_RANK];
  checked(H5Sget_simple_extent_dims(space, extent, nullptr), name_, action);
  constexpr auto most = static_cast<hsize_t>(std::numeric_limits<Index>::max());
  const bool fits = (rank_ == 1 || rank_ == 2) && extent[0] <= most && (rank_ == 1 || extent[1] <= most);
  if (!fits)
    throw IoError(
        fmt::format("{}: its shape is {}; wanted are 1 or 2 dimensions", name_, shape_text(rank_, extent)));
  rows_ = static_cast<Index>(extent[0]);
  columns_ = rank_ == 2 ? static_cast<Index>(extent[1]) : 1;
}

void Dataset::write_row(Index row, ConstVectorRef values) {
  const LibraryCall call;
  if (values.size() != columns_)
    throw IoError(fmt::format("{}: a row of {} numbers, wanted are {}", name_, values.size(), columns_));
  move_rows(*this, id_, row, 1, "write", [&](hid_t memory, hid_t file) {
    return H5Dwrite(id_, H5T_NATIVE_DOUBLE, memory, file, H5P_DEFAULT, values.data());
  });
}

void Dataset::read_row(Index row, VectorRef values) const {
  if (values.size() != columns_)
    throw IoError(fmt::format("{}: rows have {} numbers, wanted are {}", name_, columns_, values.size()));
  read_rows(row, 1, values.data());
}

void Dataset::read_rows(Index first, Index count, double* values) const {
  const ReadingCall call(chunk_);
  move_rows(*this, id_, first, count, "read", [&](hid_t memory, hid_t file) {
    return H5Dread(id_, H5T_NATIVE_DOUBLE, memory, file, H5P_DEFAULT, values);
  });
}

void Dataset::close() {
  const LibraryCall call;
  if (id_ >= 0) checked(H5Dclose(id_.release()), name_, "write");
}

}  // namespace optex::hdf5
