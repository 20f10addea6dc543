#pragma once

#include <cstdint>
#include <optional>

#include <sys/resource.h>

namespace optex::hdf5 {

/// While one lives, this process gets no more than `bytes` of memory beyond what it has. The HDF5 library
/// believes the sizes that stand in a file's inner structure and asks for them before it looks whether the
/// file is as long; what it is refused becomes an error like others.
///
/// The bound is the soft limit on private memory (RLIMIT_DATA), which Linux holds mappings against. It is of
/// the whole process: other threads may take part of `bytes` meanwhile, so that there must be some to spare,
/// and one lives no longer than calls to HDF5 do. The inner one of two counts alone. Nothing happens where
/// there is no /proc. Costs some 10 microseconds. Only within a LibraryCall.
class MemoryBound {
 public:
  explicit MemoryBound(std::uintmax_t bytes);
  MemoryBound(const MemoryBound&) = delete;
  MemoryBound& operator=(const MemoryBound&) = delete;
  ~MemoryBound();

  /// Of the innermost one that is in force; nothing when there is none.
  static std::optional<std::uintmax_t> in_force();

 private:
  const MemoryBound* outer_;
  std::uintmax_t bytes_;
  rlimit before_{};    ///< what holds again afterwards
  rlimit original_{};  ///< what held before the outermost one: never exceeded
  bool set_ = false;
};

/// What HDF5 may ask for to find its way in a file, however long it is, and to unpack a piece of `piece`
/// bytes: compressed, unpacked, while it grows, converted. Most of the constant is for other threads.
constexpr std::uintmax_t memory_for(std::uintmax_t piece) { return (std::uintmax_t{384} << 20) + 4 * piece; }

}  // namespace optex::hdf5
