#include "optex/files/descriptor.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optex::files {

void fail_with_errno(const std::filesystem::path& path, const char* action) {
  throw SystemError(
      fmt::format("{}: cannot {}: {}", path.string(), action, std::generic_category().message(errno)));
}

Descriptor::Descriptor(const std::filesystem::path& path, int flags, unsigned mode)
    : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
  if (number_ < 0) fail_with_errno(path_, (flags & O_CREAT) != 0 ? "create" : "open");
}

Descriptor::Descriptor(int number, std::filesystem::path path) : path_(std::move(path)), number_(number) {}

Descriptor::Descriptor(Descriptor&& other) noexcept
    : path_(std::move(other.path_)), number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::filesystem::path Descriptor::reopening_path() const { return fmt::format("/proc/self/fd/{}", number_); }

std::uintmax_t Descriptor::size() const {
  struct stat status {};
  if (::fstat(number_, &status) != 0) fail_with_errno(path_, "read");
  if (!S_ISREG(status.st_mode)) throw IoError(fmt::format("{}: not a regular file", path_.string()));
  return static_cast<std::uintmax_t>(status.st_size);
}

std::size_t Descriptor::read_at(std::uintmax_t offset, char* bytes, std::size_t count) const {
  std::size_t taken = 0;
  while (taken < count) {
    const ssize_t more = ::pread(number_, bytes + taken, count - taken, static_cast<off_t>(offset + taken));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) fail_with_errno(path_, "read");
    if (more == 0) break;
    taken += static_cast<std::size_t>(more);
  }
  return taken;
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

void Descriptor::resize(std::uintmax_t bytes) const {
  if (::ftruncate(number_, static_cast<off_t>(bytes)) != 0) fail_with_errno(path_, "write");
}

void Descriptor::sync() const {
  // EINVAL: a file system on which nothing can be forced (some folders on network file systems).
  if (::fsync(number_) != 0 && errno != EINVAL) fail_with_errno(path_, "write");
}

void Descriptor::close() {
  if (number_ >= 0 && ::close(std::exchange(number_, -1)) != 0 && errno != EINTR)
    fail_with_errno(path_, "write");
}

}  // namespace optex::files
