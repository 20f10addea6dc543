#pragma once

#include "optex/core/errors.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace optex {

/// The bytes of a file as they stand on disk, 256 KiB at a time.
class CompressedFile {
 public:
  explicit CompressedFile(const std::filesystem::path& path)
      : name_(path.string()), file_(std::fopen(path.c_str(), "rb")), buffer_(std::size_t{1} << 18) {
    if (!file_) throw IoError(fmt::format("{}: cannot be opened: {}", name_, std::strerror(errno)));
  }

  /// The next bytes, valid until the next call; none at the end.
  std::span<std::uint8_t> next() {
    errno = 0;
    const std::size_t count = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
    if (count == 0 && std::ferror(file_.get()) != 0)
      throw IoError(fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    taken_ += static_cast<double>(count);
    return {buffer_.data(), count};
  }

  /// No data shrink to a thousandth; a few bytes that unpack to a full memory are a bomb.
  void require_reasonable(double decoded, const char* kind) const {
    if (decoded <= free_bytes || decoded <= largest_expansion * taken_) return;
    throw IoError(
        fmt::format("{}: the {} stream unpacks to more than {:.0f} times its size, which no data do", name_,
                    kind, largest_expansion));
  }
  [[noreturn]] void breaks_off(const char* kind) const {
    throw IoError(fmt::format("{}: the {} stream breaks off; fetch the file again", name_, kind));
  }
  [[noreturn]] void damaged(const char* kind, const std::string& why) const {
    throw IoError(fmt::format("{}: damaged {} stream ({}); fetch the file again", name_, kind, why));
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  static constexpr double largest_expansion = 1032.0, free_bytes = 64e6;  // the first: of deflate

  std::string name_;
  double taken_ = 0.0;  // bytes
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace optex
