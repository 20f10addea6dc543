#include "library.hpp"

#include "optex/files/descriptor.hpp"
#include "optex/hdf5/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "lzf_filter.hpp"
#include <fmt/ranges.h>

namespace optex::hdf5 {

namespace {

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

herr_t take_first(unsigned depth, const H5E_error2_t* error, void* out) {
  if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
  return 0;
}

/// `count` split into equal parts of at most `limit`: the length of one part. Equal parts waste less than one
/// number each, where parts of exactly `limit` can double the file.
hsize_t equal_part(hsize_t count, hsize_t limit) {
  const hsize_t parts = (count + limit - 1) / limit;
  return (count + parts - 1) / parts;
}

}  // namespace

LibraryCall::LibraryCall() : lock_(library_mutex()) {
  // Before the library's first call. After a disk has refused to take a file, HDF5 1.10 still knows it, frees
  // it and crashes on it when the process exits. We close all our files ourselves.
  static const herr_t no_clearing_up_at_exit = H5dont_atexit();
  (void)no_clearing_up_at_exit;
  static const bool knows_lzf = (register_lzf_filter(), true);
  (void)knows_lzf;
  H5Eget_auto2(H5E_DEFAULT, &printer_, &printer_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Handle::~Handle() {
  if (id_ < 0) return;
  const LibraryCall call;
  close_(id_);
}

LibraryCall::~LibraryCall() { H5Eset_auto2(H5E_DEFAULT, printer_, printer_data_); }

namespace {

std::string innermost_message() {
  std::string message;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &message);
  return message;
}

/// HDF5 tells the errno of a failed call to the operating system: "..., errno = 28, error message = ...".
/// EINVAL is the content's fault: a place that cannot be.
bool system_refused() {
  const std::string message = innermost_message();
  const std::string marker = "errno = ";
  const auto start = message.find(marker);
  if (start == std::string::npos) return false;
  const int number = std::atoi(message.c_str() + start + marker.size());
  return number != 0 && number != EINVAL;
}

/// In places HDF5 1.10 gives the kind of a fault for its reason (H5E_RESOURCE).
herr_t take_lack_of_memory(unsigned depth, const H5E_error2_t* error, void* out) {
  if (depth == 0)
    *static_cast<bool*>(out) =
        error->min_num == H5E_NOSPACE || error->min_num == H5E_CANTALLOC || error->min_num == H5E_RESOURCE;
  return 0;
}

/// Whether the call that has just failed got no memory.
bool lacked_memory() {
  bool lacked = false;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_lack_of_memory, &lacked);
  return lacked;
}

}  // namespace

std::string library_message() {
  std::string message = innermost_message();
  if (message.empty()) return "HDF5 gives no reason";
  // "file write failed: time = ..., errno = 28, error message = 'No space left on device', buf = ...": the
  // quoted part is what a person needs.
  const std::string marker = "error message = '";
  if (const auto start = message.find(marker); start != std::string::npos) {
    const auto first = start + marker.size();
    const auto last = message.find('\'', first);
    message = message.substr(first, last == std::string::npos ? last : last - first);
  }
  std::replace(message.begin(), message.end(), '\n', ' ');
  return message;
}

void fail(const std::string& where, const std::string& action) {
  if (const auto bound = MemoryBound::in_force(); bound && lacked_memory())
    throw OutOfMemory(
        fmt::format("{}: cannot {}: HDF5 asks for more than {} MiB; its structure is damaged, or there is "
                    "too little memory",
                    where, action, *bound >> 20));
  const std::string text = fmt::format("{}: cannot {}: {}", where, action, library_message());
  if (system_refused()) throw files::SystemError(text);
  throw IoError(text);
}

Handle creation_properties(int rank, const hsize_t* extent, const std::string& where) {
  const char* action = "describe a dataset";
  Handle properties(checked(H5Pcreate(H5P_DATASET_CREATE), where, action), H5Pclose);
  checked(H5Pset_obj_track_times(properties, 0), where, action);
  // Chunks of an empty dataset are not allowed, and there is nothing to protect.
  if (extent[0] == 0 || (rank == 2 && extent[1] == 0)) return properties;
  hsize_t chunk[2] = {0, 0};
  const hsize_t columns = rank == 2 ? extent[1] : 1;
  const hsize_t chunk_columns = equal_part(columns, chunk_numbers);
  chunk[0] = equal_part(extent[0], std::max<hsize_t>(1, chunk_numbers / chunk_columns));
  chunk[1] = chunk_columns;
  checked(H5Pset_chunk(properties, rank, chunk), where, action);
  checked(H5Pset_fletcher32(properties), where, action);
  // Zeros, not whatever lies in memory, in the parts of edge chunks that lie outside.
  checked(H5Pset_fill_time(properties, H5D_FILL_TIME_ALLOC), where, action);
  return properties;
}

Handle access_properties(const std::string& where) {
  const char* action = "set up the chunk cache";
  Handle properties(checked(H5Pcreate(H5P_DATASET_ACCESS), where, action), H5Pclose);
  constexpr std::size_t slots = 521, bytes = 4 * sizeof(double) * chunk_numbers;
  checked(H5Pset_chunk_cache(properties, slots, bytes, 1.0), where, action);
  return properties;
}

std::string shape_text(int rank, const hsize_t* extent) {
  return rank == 0 ? "scalar" : fmt::format("{}", fmt::join(extent, extent + rank, " x "));
}

}  // namespace optex::hdf5
