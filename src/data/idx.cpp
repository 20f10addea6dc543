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

Index product_but_first(const std::vector<Index>& dimensions) {
  Index size = 1;
  for (std::size_t i = 1; i < dimensions.size(); ++i) size *= dimensions[i];
  return size;
}

/// The bytes of the array, piece by piece.
class IdxStream {
 public:
  IdxStream(const std::filesystem::path& path, int rank)
      : path_(path), source_(path), dimensions_(read_header(source_, path, rank)) {}

  const std::vector<Index>& dimensions() const { return dimensions_; }
  Index declared() const { return dimensions_.front() * product_but_first(dimensions_); }

  void read(std::span<std::uint8_t> part) {
    const std::size_t count = source_.read(part);
    done_ += static_cast<Index>(count);
    if (count < part.size())
      refuse(path_, fmt::format("truncated: the header declares {} bytes, {} are there; fetch the file again",
                                fmt::join(dimensions_, " x "), done_));
  }

  void skip(Index bytes) {
    source_.skip(bytes);
    done_ += bytes;
  }

  /// Reads through the rest. Reading past the end also makes zlib compare the checksum.
  void finish() {
    std::vector<std::uint8_t> buffer(chunk);
    while (done_ < declared())
      read({buffer.data(), std::min(buffer.size(), static_cast<std::size_t>(declared() - done_))});
    if (std::array<std::uint8_t, 1> extra{}; source_.read(extra) != 0)
      refuse(path_, fmt::format("more bytes than the {} that the header declares; fetch the file again",
                                fmt::join(dimensions_, " x ")));
  }

 private:
  std::filesystem::path path_;
  ByteSource source_;
  std::vector<Index> dimensions_;
  Index done_ = 0;
};

/// Appends so many bytes. Memory grows with the bytes that are really there.
void append(IdxStream& stream, Index count, std::vector<std::uint8_t>& bytes) {
  while (count > 0) {
    const Index part = std::min(count, static_cast<Index>(chunk));
    bytes.resize(bytes.size() + static_cast<std::size_t>(part));
    stream.read({bytes.data() + bytes.size() - part, static_cast<std::size_t>(part)});
    count -= part;
  }
  bytes.shrink_to_fit();
}

}  // namespace

Index IdxBytes::sample_size() const { return product_but_first(dimensions); }

IdxBytes read_idx(const std::filesystem::path& path, int rank, Index limit) {
  IdxStream stream(path, rank);
  IdxBytes idx;
  idx.dimensions = stream.dimensions();
  const Index samples = idx.dimensions.front();
  append(stream, (limit > 0 ? std::min(limit, samples) : samples) * idx.sample_size(), idx.bytes);
  stream.finish();
  return idx;
}

IdxBytes read_idx_part(const std::filesystem::path& path, int rank, const SampleRange& samples) {
  IdxStream stream(path, rank);
  IdxBytes idx;
  idx.dimensions = stream.dimensions();
  if (samples.count == 0) return idx;
  stream.skip(samples.first * idx.sample_size());
  idx.bytes.reserve(static_cast<std::size_t>(
      std::min(samples.count * idx.sample_size(), std::max<Index>(0, stream.declared()))));
  append(stream, samples.count * idx.sample_size(), idx.bytes);
  return idx;
}

std::vector<Index> scan_idx(const std::filesystem::path& path, int rank, Index samples,
                            const std::function<void(Index, std::span<const std::uint8_t>)>& visit) {
  IdxStream stream(path, rank);
  std::vector<Index> dimensions = stream.dimensions();
  const Index count = samples > 0 ? std::min(samples, dimensions.front()) : dimensions.front();
  const Index size = product_but_first(dimensions);
  std::vector<std::uint8_t> sample;
  for (Index i = 0; i < count; ++i) {
    sample.clear();
    append(stream, size, sample);
    visit(i, sample);
  }
  stream.finish();
  return dimensions;
}

}  // namespace optex
