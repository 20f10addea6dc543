#include "optex/report/event_file.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace optex {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t polynomial = 0x82f63b78U;  // reflected
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ polynomial : crc >> 1U;
    table[byte] = crc;
  }
  return table;
}

/// A CRC of bytes that hold their own CRC would be no check: TensorFlow changes it.
std::uint32_t masked(std::uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8U; }

template <class Number>
std::string little_endian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i) bytes += static_cast<char>((number >> (8U * i)) & 0xffU);
  return bytes;
}

// Protocol buffers: a field is its number and wire type, then its content.
enum class Wire : std::uint64_t { varint = 0, eight_bytes = 1, with_length = 2, four_bytes = 5 };

std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7U) bytes += static_cast<char>((number & 0x7fU) | 0x80U);
  return bytes + static_cast<char>(number);
}

std::string field(std::uint64_t number, Wire wire) {
  return varint((number << 3U) | static_cast<std::uint64_t>(wire));
}

std::string text(std::uint64_t number, std::string_view content) {
  return field(number, Wire::with_length) + varint(content.size()) + std::string(content);
}

std::string wall_time(double seconds) {
  return field(1, Wire::eight_bytes) + little_endian(std::bit_cast<std::uint64_t>(seconds));
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static constexpr auto table = make_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) crc = (crc >> 8U) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xffU];
  return ~crc;
}

EventFile::EventFile(const files::Descriptor& file, double seconds) : out_(file) {
  record(wall_time(seconds) + text(3, "brain.Event:2"));
}

void EventFile::scalar(double seconds, std::int64_t round, std::string_view name, double value) {
  const auto single = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  const std::string entry = text(1, name) + field(2, Wire::four_bytes) + little_endian(single);
  record(wall_time(seconds) + field(2, Wire::varint) + varint(static_cast<std::uint64_t>(round)) +
         text(5, text(1, entry)));
}

void EventFile::record(const std::string& message) {
  const std::string length = little_endian(std::uint64_t{message.size()});
  out_.put(length + little_endian(masked(crc32c(length))) + message + little_endian(masked(crc32c(message))));
}

}  // namespace optex
