#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <string>

struct XXH3_state_s;

namespace optex {

/// XXH3 (128 bit, seed 0) of bytes that come piece by piece: tells apart two contents, does not defend
/// against anyone. The same on every machine; as `cat pieces | xxhsum -H128` prints it.
class ContentHasher {
 public:
  ContentHasher();
  void add_bytes(const void* bytes, std::size_t count);
  /// Numbers or characters that lie in one piece.
  template <class Values>
  void add(const Values& values) {
    add_bytes(std::data(values), static_cast<std::size_t>(std::size(values)) * sizeof *std::data(values));
  }
  /// Of all that was added so far, as 32 hexadecimal digits.
  std::string text() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

/// Of the pieces one after the other.
template <class... Pieces>
std::string content_hash(const Pieces&... pieces) {
  ContentHasher hasher;
  (hasher.add(pieces), ...);
  return hasher.text();
}

}  // namespace optex
