#pragma once

#include "optex/core/types.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <xxhash.h>

namespace optex {

/// Of so many doubles.
inline std::size_t byte_count(Index numbers) { return sizeof(double) * static_cast<std::size_t>(numbers); }

/// xxh3-128 of a stream of bytes, as 32 hexadecimal digits.
class ByteHash {
 public:
  ByteHash();
  void add(const void* bytes, std::size_t count);
  std::string digits() const;

 private:
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
};

/// The hash of a checkpoint's content, whatever its layout in the file: xxh3-128 of the lines
/// "PATH TYPE SHAPE HASH-OF-THE-BYTES\n" of all fields in the order of visit_fields.
class PayloadHash {
 public:
  void add(const std::string& path, const char* type, const std::vector<Index>& shape, const ByteHash& bytes);
  /// A field whose bytes lie in one piece.
  void add(const std::string& path, const char* type, const std::vector<Index>& shape, const void* bytes,
           std::size_t count);
  std::string digits() const { return lines_.digits(); }

 private:
  ByteHash lines_;
};

}  // namespace optex
