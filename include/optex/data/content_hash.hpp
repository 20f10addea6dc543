#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct XXH3_state_s;

namespace optex {

/// XXH3 (128 bit, seed 0) of bytes that come piece by piece.
class ContentHasher {
 public:
  ContentHasher();
  void add(std::span<const std::uint8_t> bytes);
  template <class T>
  void add_values(std::span<const T> values) {
    add({reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()});
  }
  /// Of all that was added so far, as 32 hexadecimal digits.
  std::string text() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

/// XXH3 (128 bit, seed 0) of the parts one after the other, as 32 hexadecimal digits: tells apart two data
/// sets, does not defend against anyone. The same on every machine; as `cat parts | xxhsum -H128` prints it.
std::string content_hash(std::initializer_list<std::span<const std::uint8_t>> parts);

}  // namespace optex
