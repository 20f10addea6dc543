#pragma once

#include "optex/core/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace optex::files {

/// The operating system refused: the disk, the network, the permissions, not the content. Another time, or
/// with more rights, the same file may do.
struct SystemError : IoError {
  using IoError::IoError;
};

/// Throws SystemError "PATH: cannot ACTION: <what errno says>".
[[noreturn]] void fail_with_errno(const std::filesystem::path& path, const char* action);

/// Owns a file descriptor.
class Descriptor {
 public:
  /// Throws SystemError when the file cannot be opened.
  Descriptor(const std::filesystem::path& path, int flags, unsigned mode = 0666);
  /// Takes over an open one; `path` stands in every error.
  Descriptor(int number, std::filesystem::path path);
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  operator int() const { return number_; }  // NOLINT(google-explicit-constructor): it stands for the number
  const std::filesystem::path& path() const { return path_; }
  /// A path that leads to the very file that is open, whatever becomes of its name: for libraries that open
  /// files themselves.
  std::filesystem::path reopening_path() const;

  /// Bytes in the file. Throws IoError when it is no regular one.
  std::uintmax_t size() const;
  /// As many bytes as there are from `offset` on, at most `count`.
  std::size_t read_at(std::uintmax_t offset, char* bytes, std::size_t count) const;
  void write_all(const char* bytes, std::size_t count) const;
  /// Cuts the file.
  void resize(std::uintmax_t bytes) const;
  /// Forces the content to disk.
  void sync() const;
  /// Some network file systems report a failed write only here.
  void close();

 private:
  std::filesystem::path path_;
  int number_;
};

}  // namespace optex::files
