#pragma once

#include <cstddef>

namespace optex {

/// Memory for arrays that are swept again and again: aligned to 64 bytes, or, from 4 MiB on, to 2 MiB and in
/// huge pages where the system grants them, because address translation otherwise costs a sweep a tenth of
/// its speed. Zero at first; a page takes physical memory when it is first written. A value: copies copy the
/// bytes.
class LargeBuffer {
 public:
  LargeBuffer() = default;
  /// Throws std::bad_alloc.
  explicit LargeBuffer(std::size_t bytes);
  LargeBuffer(const LargeBuffer& other);
  LargeBuffer(LargeBuffer&& other) noexcept;
  LargeBuffer& operator=(LargeBuffer other) noexcept;
  ~LargeBuffer();

  std::size_t size() const { return size_; }
  void* data() { return data_; }
  const void* data() const { return data_; }

 private:
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;  ///< bytes from `mapping_` on
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace optex
