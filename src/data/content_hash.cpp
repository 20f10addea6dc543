#include "optex/data/content_hash.hpp"

#include <memory>
#include <new>

#include <fmt/format.h>
#include <xxhash.h>

namespace optex {

std::string content_hash(std::initializer_list<std::span<const std::uint8_t>> parts) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
  if (!state) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  for (const auto part : parts) XXH3_128bits_update(state.get(), part.data(), part.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace optex
