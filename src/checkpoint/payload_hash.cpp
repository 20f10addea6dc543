#include "payload_hash.hpp"

#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {

ByteHash::ByteHash() : state_(XXH3_createState(), XXH3_freeState) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void ByteHash::add(const void* bytes, std::size_t count) {
  if (count > 0) XXH3_128bits_update(state_.get(), bytes, count);
}

std::string ByteHash::digits() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

void PayloadHash::add(const std::string& path, const char* type, const std::vector<Index>& shape,
                      const ByteHash& bytes) {
  const std::string line = fmt::format("{} {} {} {}\n", path, type, fmt::join(shape, "x"), bytes.digits());
  lines_.add(line.data(), line.size());
}

void PayloadHash::add(const std::string& path, const char* type, const std::vector<Index>& shape,
                      const void* bytes, std::size_t count) {
  ByteHash hash;
  hash.add(bytes, count);
  add(path, type, shape, hash);
}

}  // namespace optex
