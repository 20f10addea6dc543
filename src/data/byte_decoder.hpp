#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace optex {

/// The decoded bytes of one file, from front to back.
class ByteDecoder {
 public:
  virtual ~ByteDecoder() = default;
  /// Fills `buffer` as far as the file goes; fewer bytes than asked for mean that it has ended. Throws
  /// IoError when the disk refuses, and when the compressed stream is damaged or breaks off.
  virtual std::size_t read(std::span<std::uint8_t> buffer) = 0;
  /// Goes past so many bytes.
  virtual void skip(std::int64_t bytes);
};

/// gzip, or a file that is not compressed: skipping costs nothing there.
std::unique_ptr<ByteDecoder> open_gzip_or_plain(const std::filesystem::path& path);
/// bzip2, several streams one after the other too (pbzip2).
std::unique_ptr<ByteDecoder> open_bzip2(const std::filesystem::path& path);
/// xz, several streams too.
std::unique_ptr<ByteDecoder> open_xz(const std::filesystem::path& path);

}  // namespace optex
