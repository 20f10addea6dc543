#pragma once

#include "optex/core/errors.hpp"
#include "optex/hdf5/handle.hpp"

#include <mutex>
#include <string>

#include "memory_bound.hpp"
#include <fmt/core.h>
#include <hdf5.h>

namespace optex::hdf5 {

/// Stands at the top of every function that calls HDF5: one caller at a time (the library need not be built
/// thread-safe), and its own error print-outs off, given back as they were on leaving.
class LibraryCall {
 public:
  LibraryCall();
  LibraryCall(const LibraryCall&) = delete;
  LibraryCall& operator=(const LibraryCall&) = delete;
  ~LibraryCall();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
  H5E_auto2_t printer_ = nullptr;
  void* printer_data_ = nullptr;
};

/// The same for functions that read: HDF5 gets as much memory as a piece of `piece` bytes needs.
struct ReadingCall {
  explicit ReadingCall(std::uintmax_t piece = 0) : bound(memory_for(piece)) {}
  LibraryCall call;
  MemoryBound bound;
};

/// What HDF5 says about the call that has just failed: the innermost message of its error stack.
std::string library_message();

[[noreturn]] void fail(const std::string& where, const std::string& action);

/// Passes a good return code on (ids, counts and statuses are all negative on failure).
template <typename Code>
Code checked(Code code, const std::string& where, const char* action) {
  if (code < 0) fail(where, action);
  return code;
}

/// Chunks of at most this many numbers (1 MiB of doubles).
inline constexpr hsize_t chunk_numbers = 131072;

/// Dataset creation: chunks and fletcher32, no times in the file (equal content gives equal bytes). Rank 1
/// or 2.
Handle creation_properties(int rank, const hsize_t* extent, const std::string& where);
/// Dataset access: a chunk cache that holds a few chunks, so that rows which share one are not written twice.
Handle access_properties(const std::string& where);

/// "3 x 5", "12", "scalar".
std::string shape_text(int rank, const hsize_t* extent);

}  // namespace optex::hdf5
