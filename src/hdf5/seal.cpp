#include "optex/hdf5/seal.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/content_hash.hpp"
#include "optex/files/reading.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace optex::hdf5 {

namespace {

// "optex-seal 1\nbytes 00000000000000012345\nxxh3-128 0123456789abcdef0123456789abcdef\n", zeros up to
// seal_size.
constexpr std::string_view prefix = "optex-seal 1\n";
constexpr std::size_t length_digits = 20;
const std::string no_digest(32, '0');

std::string seal_text(std::uintmax_t bytes, const std::string& digest) {
  std::string text = fmt::format("{}bytes {:020d}\nxxh3-128 {}\n", prefix, bytes, digest);
  text.resize(seal_size, '\0');
  return text;
}

/// Calls take(bytes, count) over the file from `offset` to its end.
template <typename Take>
void read_pieces(const files::Descriptor& file, std::uintmax_t offset, Take take) {
  constexpr std::size_t most = std::size_t{1} << 20;
  const auto piece = std::make_unique_for_overwrite<char[]>(most);
  for (;;) {
    const std::size_t count = file.read_at(offset, piece.get(), most);
    if (count == 0) return;
    take(piece.get(), count);
    offset += count;
  }
}

/// xxh3-128 of a sealed file, the digits of the digest itself taken as zeros.
std::string digest_of(const files::Descriptor& file, std::uintmax_t bytes) {
  ContentHasher hasher;
  hasher.add(seal_text(bytes, no_digest));
  read_pieces(file, seal_size, [&](const char* piece, std::size_t count) { hasher.add_bytes(piece, count); });
  return hasher.text();
}

}  // namespace

void seal(const files::Descriptor& file) {
  const std::uintmax_t bytes = file.size();
  const std::string text = seal_text(bytes, digest_of(file, bytes));
  if (::lseek(file, 0, SEEK_SET) != 0) files::fail_with_errno(file.path(), "write");
  file.write_all(text.data(), text.size());
}

void seal(const std::filesystem::path& file) {
  files::Descriptor target(file, O_RDWR | O_NOFOLLOW);
  seal(target);
  target.close();
}

SealCheck check_seal(const std::filesystem::path& file) { return check_seal(files::open_for_reading(file)); }

SealCheck check_seal(const files::Descriptor& source) {
  const std::uintmax_t bytes = source.size();
  std::array<char, seal_size> head{};
  const std::size_t count = source.read_at(0, head.data(), head.size());
  const std::string found(head.data(), count);
  if (!found.starts_with(prefix)) return {SealState::absent, "it carries no OptEx seal"};
  if (found.size() < seal_size) return {SealState::broken, fmt::format("it ends after {} bytes", bytes)};
  // The length first: a hole that makes a file of a terabyte is not read.
  const std::string length = found.substr(prefix.size() + std::strlen("bytes "), length_digits);
  const bool same_length = length == fmt::format("{:020d}", bytes);
  if (!same_length && length.find_first_not_of("0123456789") == std::string::npos)
    return {SealState::broken,
            fmt::format("it has {} bytes, {} were sealed", bytes,
                        length.substr(std::min(length.find_first_not_of('0'), length_digits - 1)))};
  if (same_length && found == seal_text(bytes, digest_of(source, bytes))) return {SealState::intact, ""};
  return {SealState::broken, "its bytes are not those that were sealed (hash differs)"};
}

}  // namespace optex::hdf5
