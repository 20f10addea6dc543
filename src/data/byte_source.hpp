#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "byte_decoder.hpp"

namespace optex {

/// The decoded bytes of a file, from front to back: gzip, bzip2, xz or plain, told apart by their first
/// bytes.
class ByteSource {
 public:
  /// Throws IoError when there is no such regular file, it cannot be opened, or it is compressed in another
  /// way (zstd, zip, ...), which is named.
  explicit ByteSource(const std::filesystem::path& path);

  /// Fills `buffer` as far as the file goes; fewer bytes than asked for mean that the file has ended. Throws
  /// IoError when the disk or the compressed stream is damaged, and when the stream breaks off.
  std::size_t read(std::span<std::uint8_t> buffer) { return decoder_->read(buffer); }

  /// Goes past so many bytes: at once in a plain file, by decoding them in a compressed one. Throws as
  /// read().
  void skip(std::int64_t bytes) { decoder_->skip(bytes); }

 private:
  std::unique_ptr<ByteDecoder> decoder_;
};

}  // namespace optex
