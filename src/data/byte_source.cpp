#include "byte_source.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <zlib.h>

namespace optex {
namespace {

constexpr std::size_t largest_read = std::size_t{1} << 30;  // gzread counts in int

}  // namespace

void ByteSource::Close::operator()(gzFile_s* file) const { gzclose_r(file); }

ByteSource::ByteSource(const std::filesystem::path& path) : path_(path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    throw IoError(fmt::format("{}: no such file", path.string()));
  if (error) throw IoError(fmt::format("{}: {}", path.string(), error.message()));
  if (std::filesystem::is_directory(status))
    throw IoError(fmt::format("{}: not a regular file but a folder; name a file in it", path.string()));
  // Opening a pipe or a device could wait for ever.
  if (!std::filesystem::is_regular_file(status))
    throw IoError(fmt::format("{}: not a regular file", path.string()));
  errno = 0;
  file_.reset(gzopen(path.c_str(), "rb"));
  if (!file_)
    throw IoError(
        fmt::format("{}: cannot be opened: {}", path.string(), errno ? std::strerror(errno) : "no memory"));
  gzbuffer(file_.get(), 1 << 18);
}

std::size_t ByteSource::read(std::span<std::uint8_t> buffer) {
  std::size_t total = 0;
  while (total < buffer.size()) {
    const std::size_t wanted = std::min(buffer.size() - total, largest_read);
    errno = 0;
    const int count = gzread(file_.get(), buffer.data() + total, static_cast<unsigned>(wanted));
    const int system_error = errno;
    if (count > 0) total += static_cast<std::size_t>(count);
    if (count == static_cast<int>(wanted)) continue;
    int code = Z_OK;
    const char* const text = gzerror(file_.get(), &code);
    if (code == Z_ERRNO)
      throw IoError(fmt::format("{}: cannot be read: {}", path_.string(), std::strerror(system_error)));
    if (code == Z_BUF_ERROR)
      throw IoError(fmt::format("{}: the gzip stream breaks off; fetch the file again", path_.string()));
    if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
      throw IoError(fmt::format("{}: damaged gzip stream ({}); fetch the file again", path_.string(), text));
    break;
  }
  return total;
}

void ByteSource::skip(std::int64_t bytes) {
  errno = 0;
  if (gzseek(file_.get(), static_cast<z_off_t>(bytes), SEEK_CUR) >= 0) return;
  int code = Z_OK;
  const char* const text = gzerror(file_.get(), &code);
  throw IoError(
      fmt::format("{}: cannot be read: {}", path_.string(), code == Z_ERRNO ? std::strerror(errno) : text));
}

}  // namespace optex
