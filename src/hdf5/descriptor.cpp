#include "optex/hdf5/descriptor.hpp"

#include "optex/core/errors.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace optex::hdf5 {

void fail_with_errno(const std::filesystem::path& path, const char* action) {
  throw IoError(
      fmt::format("{}: cannot {}: {}", path.string(), action, std::generic_category().message(errno)));
}

Descriptor::Descriptor(const std::filesystem::path& path, int flags, unsigned mode)
    : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
  if (number_ < 0) fail_with_errno(path_, (flags & O_CREAT) != 0 ? "create" : "open");
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

void Descriptor::sync() const {
  // EINVAL: a file system on which nothing can be forced (some folders on network file systems).
  if (::fsync(number_) != 0 && errno != EINVAL) fail_with_errno(path_, "write");
}

void Descriptor::write_all(const char* bytes, std::size_t count) const {
  while (count > 0) {
    const ssize_t written = ::write(number_, bytes, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail_with_errno(path_, "write");
    }
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
}

void Descriptor::close() {
  if (number_ >= 0 && ::close(std::exchange(number_, -1)) != 0 && errno != EINTR)
    fail_with_errno(path_, "write");
}

}  // namespace optex::hdf5
