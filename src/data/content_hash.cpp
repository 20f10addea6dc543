#include "optex/data/content_hash.hpp"

#include <new>

#include <fmt/format.h>
#include <xxhash.h>

namespace optex {

void ContentHasher::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

ContentHasher::ContentHasher() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void ContentHasher::add(std::span<const std::uint8_t> bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

std::string ContentHasher::text() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string content_hash(std::initializer_list<std::span<const std::uint8_t>> parts) {
  ContentHasher hasher;
  for (const auto part : parts) hasher.add(part);
  return hasher.text();
}

}  // namespace optex
