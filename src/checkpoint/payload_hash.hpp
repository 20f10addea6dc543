#pragma once

#include "optex/core/types.hpp"
#include "optex/files/content_hash.hpp"

#include <string>
#include <vector>

namespace optex {

/// The hash of a checkpoint's content, whatever its layout in the file: xxh3-128 of the lines
/// "PATH TYPE SHAPE HASH-OF-THE-BYTES\n" of all fields in the order of visit_fields.
class PayloadHash {
 public:
  void add(const std::string& path, const char* type, const std::vector<Index>& shape,
           const std::string& hash_of_bytes);
  std::string digits() const { return lines_.text(); }

 private:
  ContentHasher lines_;
};

}  // namespace optex
