#pragma once

#include "optex/files/gathered_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace optex {

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4).
std::uint32_t crc32c(std::string_view bytes);

/// Writes the event files that TensorBoard reads: TFRecords of Event messages, of which a scalar needs four
/// fields. A record is its length (8 bytes), the masked CRC-32C of these, the message, its masked CRC-32C,
/// all little endian (tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto,
/// tensorflow/core/framework/summary.proto).
class EventFile {
 public:
  /// Begins in the empty file that is open; `seconds` since 1970 is the time of its first event.
  EventFile(const files::Descriptor& file, double seconds);
  /// One number of one round; TensorBoard keeps it in single precision.
  void scalar(double seconds, std::int64_t round, std::string_view name, double value);
  /// Writes what is not yet written.
  void flush() { out_.flush(); }

 private:
  void record(const std::string& message);

  files::GatheredText out_;
};

}  // namespace optex
