#pragma once

#include "optex/core/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// A fuzz target is one file: OPTEX_FUZZ_TARGET(name) { ... } with the bytes of one input in `bytes`.
///
/// Built with OPTEX_FUZZ (clang) each is a libFuzzer program fuzz_<name> of its own; otherwise all of them
/// are in the program fuzz_replay, which puts the corpus through them as ordinary tests.
namespace optex::fuzz {

using TargetFunction = void (*)(std::string_view bytes);

/// Tells fuzz_replay about a target.
struct Registration {
  Registration(const char* name, TargetFunction function);
};

/// A law that every input must obey: says which one is broken and ends the program, as a fuzzer wants it.
inline void require(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "broken law: %s\n", law);
  std::abort();
}

/// Runs `read` on input that may be anything: either it works, or it refuses with an error for people, whose
/// text is one line a mistake and not longer than a screen. Everything else (another exception, a sanitizer's
/// verdict) ends the program. True when it worked.
template <typename Read>
bool reads_or_refuses(Read read, bool several_lines = false) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    const std::string_view text = error.what();
    require(!text.empty(), "an error says something");
    require(several_lines || text.find('\n') == std::string_view::npos, "an error is one line");
    require(several_lines || text.size() <= 4096, "an error is not longer than a screen");
    return false;
  }
}

/// Takes an input apart, front to back; at its end everything is 0 or empty.
class Bites {
 public:
  explicit Bites(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  /// Up to the next `end`, which is taken too.
  std::string_view until(char end) {
    const std::string_view piece = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(piece.size() < rest_.size() ? piece.size() + 1 : piece.size());
    return piece;
  }
  std::string_view some(std::size_t count) {
    const std::string_view piece = rest_.substr(0, count);
    rest_.remove_prefix(piece.size());
    return piece;
  }
  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace optex::fuzz

#ifdef OPTEX_LIBFUZZER
#define OPTEX_FUZZ_TARGET(name)                                                       \
  static void fuzz_##name(std::string_view bytes);                                    \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_##name({size == 0 ? "" : reinterpret_cast<const char*>(data), size});        \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz_##name(std::string_view bytes)
#else
#define OPTEX_FUZZ_TARGET(name)                                                     \
  static void fuzz_##name(std::string_view bytes);                                  \
  static const ::optex::fuzz::Registration registration_##name(#name, fuzz_##name); \
  static void fuzz_##name(std::string_view bytes)
#endif
