#include "optex/files/content_hash.hpp"

#include <new>

#include <fmt/format.h>
#include <xxhash.h>

namespace optex {

void ContentHasher::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

ContentHasher::ContentHasher() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void ContentHasher::add_bytes(const void* bytes, std::size_t count) {
  if (count > 0) XXH3_128bits_update(state_.get(), bytes, count);
}

std::string ContentHasher::text() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace optex
