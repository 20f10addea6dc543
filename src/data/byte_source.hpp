#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

struct gzFile_s;

namespace optex {

/// The decoded bytes of a file, gzip or plain (told apart by their first bytes), from front to back.
class ByteSource {
 public:
  /// Throws IoError when there is no such regular file or it cannot be opened.
  explicit ByteSource(const std::filesystem::path& path);

  /// Fills `buffer` as far as the file goes; fewer bytes than asked for mean that the file has ended. Throws
  /// IoError when the disk or the gzip stream is damaged, and when the gzip stream breaks off.
  std::size_t read(std::span<std::uint8_t> buffer);

  /// Goes past so many bytes: at once in a plain file, by decoding them in a compressed one. Throws as
  /// read().
  void skip(std::int64_t bytes);

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };
  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

}  // namespace optex
