#include "heap_claims.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace optex::hdf5 {
namespace {

constexpr std::uintmax_t most_searched = std::uintmax_t{16} << 20U;

}  // namespace

void check_heap_claims(const files::Descriptor& file) {
  if (file.size() > most_searched) return;
  const std::string content = files::read_text(file);
  // Signature, version and three zeros, then eight bytes with the size, little-endian (HDF5 file format,
  // III.D and III.E).
  for (const std::string_view start :
       {std::string_view("GCOL\1\0\0\0", 8), std::string_view("HEAP\0\0\0\0", 8)}) {
    for (std::size_t at = content.find(start); at != std::string::npos; at = content.find(start, at + 1)) {
      const auto number = [&](std::size_t offset) {
        std::uint64_t found = std::numeric_limits<std::uint64_t>::max();
        if (at + offset + sizeof found <= content.size())
          std::memcpy(&found, content.data() + at + offset, sizeof found);
        return found;
      };
      if (at + 2 * start.size() > content.size()) continue;
      // The word alone may be somebody's data: a local heap also has the address of its data segment.
      if (start.front() == 'H' && number(24) > content.size()) continue;
      const std::uint64_t claimed = number(start.size());
      if (claimed > content.size())
        throw IoError(
            fmt::format("{}: damaged: a heap in it says that it takes {} bytes, but the file has {}",
                        file.path().string(), claimed, content.size()));
    }
  }
}

}  // namespace optex::hdf5
