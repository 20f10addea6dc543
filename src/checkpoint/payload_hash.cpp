#include "payload_hash.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {

void PayloadHash::add(const std::string& path, const char* type, const std::vector<Index>& shape,
                      const std::string& hash_of_bytes) {
  lines_.add(fmt::format("{} {} {} {}\n", path, type, fmt::join(shape, "x"), hash_of_bytes));
}

}  // namespace optex
