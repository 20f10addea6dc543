#include "optex/data/idx.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "byte_source.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

constexpr std::uint8_t unsigned_byte = 0x08;
constexpr std::size_t chunk = std::size_t{1} << 20;

const char* element_type(std::uint8_t code) {
  switch (code) {
    case 0x08:
      return "unsigned byte";
    case 0x09:
      return "signed byte";
    case 0x0B:
      return "16-bit integer";
    case 0x0C:
      return "32-bit integer";
    case 0x0D:
      return "float";
    case 0x0E:
      return "double";
    default:
      return nullptr;
  }
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw IoError(fmt::format("{}: {}", path.string(), why));
}

std::vector<Index> read_header(ByteSource& source, const std::filesystem::path& path, int rank) {
  std::array<std::uint8_t, 4> magic{};
  if (source.read(magic) != magic.size()) refuse(path, "too short to be an IDX file");
  if (magic[0] != 0 || magic[1] != 0 || !element_type(magic[2]))
    refuse(
        path,
        fmt::format("not an IDX file: it starts with {:02x} {:02x} {:02x} {:02x}, not with 00 00, a type and "
                    "a number of dimensions",
                    magic[0], magic[1], magic[2], magic[3]));
  if (magic[2] != unsigned_byte)
    refuse(path, fmt::format("IDX elements are {}s; only unsigned bytes are read", element_type(magic[2])));
  if (magic[3] != rank)
    refuse(path, fmt::format("IDX array has {} dimension(s), expected {}; are images and labels exchanged?",
                             magic[3], rank));
  std::vector<Index> dimensions;
  Index product = 1;
  for (int i = 0; i < rank; ++i) {
    std::array<std::uint8_t, 4> word{};
    if (source.read(word) != word.size()) refuse(path, "truncated in the IDX header; fetch the file again");
    const Index dimension =
        Index{word[0]} << 24 | Index{word[1]} << 16 | Index{word[2]} << 8 | Index{word[3]};
    if (dimension == 0) refuse(path, fmt::format("dimension {} of the IDX array is 0: there are no data", i));
    if (product > std::numeric_limits<Index>::max() / dimension)
      refuse(path, "the dimensions in the IDX header are impossibly large; the file is damaged");
    product *= dimension;
    dimensions.push_back(dimension);
  }
  return dimensions;
}

}  // namespace

Index IdxBytes::sample_size() const {
  Index size = 1;
  for (std::size_t i = 1; i < dimensions.size(); ++i) size *= dimensions[i];
  return size;
}

IdxBytes read_idx(const std::filesystem::path& path, int rank, Index limit) {
  ByteSource source(path);
  IdxBytes idx;
  idx.dimensions = read_header(source, path, rank);
  const Index samples = idx.dimensions.front();
  const auto declared = static_cast<std::size_t>(samples * idx.sample_size());
  const auto kept =
      static_cast<std::size_t>((limit > 0 ? std::min(limit, samples) : samples) * idx.sample_size());

  std::vector<std::uint8_t> buffer(std::min(chunk, declared));
  for (std::size_t done = 0; done < declared;) {
    const std::span<std::uint8_t> part(buffer.data(), std::min(buffer.size(), declared - done));
    const std::size_t count = source.read(part);
    const std::size_t wanted = done < kept ? std::min(count, kept - done) : 0;
    idx.bytes.insert(idx.bytes.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(wanted));
    done += count;
    if (count < part.size())
      refuse(path, fmt::format("truncated: the header declares {} bytes, {} are there; fetch the file again",
                               fmt::join(idx.dimensions, " x "), done));
  }
  // Reading past the end also makes zlib compare the checksum.
  if (std::array<std::uint8_t, 1> extra{}; source.read(extra) != 0)
    refuse(path, fmt::format("more bytes than the {} that the header declares; fetch the file again",
                             fmt::join(idx.dimensions, " x ")));
  idx.bytes.shrink_to_fit();
  return idx;
}

}  // namespace optex
