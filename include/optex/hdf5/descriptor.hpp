#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace optex::hdf5 {

/// Throws IoError "PATH: cannot ACTION: <what errno says>".
[[noreturn]] void fail_with_errno(const std::filesystem::path& path, const char* action);

/// Owns a file descriptor.
class Descriptor {
 public:
  /// Throws IoError when the file cannot be opened.
  Descriptor(const std::filesystem::path& path, int flags, unsigned mode = 0666);
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  operator int() const { return number_; }  // NOLINT(google-explicit-constructor): it stands for the number
  /// Forces the content to disk.
  void sync() const;
  void write_all(const char* bytes, std::size_t count) const;
  /// Some network file systems report a failed write only here.
  void close();

 private:
  std::filesystem::path path_;
  int number_;
};

}  // namespace optex::hdf5
