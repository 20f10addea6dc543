#include "optex/core/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "byte_decoder.hpp"
#include <fmt/format.h>
#include <zlib.h>

namespace optex {
namespace {

constexpr std::size_t largest_read = std::size_t{1} << 30;  // gzread counts in int

class GzipBytes final : public ByteDecoder {
 public:
  explicit GzipBytes(const std::filesystem::path& path) : name_(path.string()) {
    errno = 0;
    file_.reset(gzopen(path.c_str(), "rb"));
    if (!file_)
      throw IoError(
          fmt::format("{}: cannot be opened: {}", name_, errno ? std::strerror(errno) : "no memory"));
    gzbuffer(file_.get(), 1 << 18);
  }

  std::size_t read(std::span<std::uint8_t> buffer) override {
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
        throw IoError(fmt::format("{}: cannot be read: {}", name_, std::strerror(system_error)));
      if (code == Z_BUF_ERROR)
        throw IoError(fmt::format("{}: the gzip stream breaks off; fetch the file again", name_));
      if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
        throw IoError(fmt::format("{}: damaged gzip stream ({}); fetch the file again", name_, text));
      break;
    }
    return total;
  }

  void skip(std::int64_t bytes) override {
    errno = 0;
    if (gzseek(file_.get(), static_cast<z_off_t>(bytes), SEEK_CUR) >= 0) return;
    int code = Z_OK;
    const char* const text = gzerror(file_.get(), &code);
    throw IoError(
        fmt::format("{}: cannot be read: {}", name_, code == Z_ERRNO ? std::strerror(errno) : text));
  }

 private:
  struct Close {
    void operator()(gzFile_s* file) const { gzclose_r(file); }
  };
  std::string name_;
  std::unique_ptr<gzFile_s, Close> file_;
};

}  // namespace

std::unique_ptr<ByteDecoder> open_gzip_or_plain(const std::filesystem::path& path) {
  return std::make_unique<GzipBytes>(path);
}

}  // namespace optex
