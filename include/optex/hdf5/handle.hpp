#pragma once

#include <cstdint>
#include <utility>

namespace optex::hdf5 {

/// Owns one id of the HDF5 library, which is an hid_t.
class Handle {
 public:
  Handle(std::int64_t id, int (*close)(std::int64_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(other.release()), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  /// Closes without a word.
  ~Handle();

  // NOLINTNEXTLINE(google-explicit-constructor): it stands for the number
  operator std::int64_t() const { return id_; }
  std::int64_t release() { return std::exchange(id_, -1); }

 private:
  std::int64_t id_;
  int (*close_)(std::int64_t);
};

}  // namespace optex::hdf5
