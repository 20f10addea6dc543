#include "lzf_filter.hpp"

#include <algorithm>

#include <hdf5.h>

namespace optex::hdf5 {
namespace {

constexpr H5Z_filter_t lzf_number = 32000;
/// Three bytes stand for at most 264.
constexpr std::size_t largest_expansion = 88;

/// As HDF5 calls filters: returns the bytes that are valid in *buffer, 0 for a failure.
std::size_t read_chunk(unsigned flags, std::size_t value_count, const unsigned* values, std::size_t size,
                       std::size_t* buffer_size, void** buffer) {
  if ((flags & H5Z_FLAG_REVERSE) == 0) return 0;  // we write none
  // h5py puts the size of a chunk third. It comes out of the file, so that it is not believed beyond reason.
  std::size_t room = size * largest_expansion;
  if (value_count >= 3) room = std::min<std::size_t>(room, values[2]);
  void* const out = H5allocate_memory(std::max<std::size_t>(room, 1), false);
  if (out == nullptr) return 0;
  const auto made =
      decode_lzf({static_cast<const std::uint8_t*>(*buffer), size}, {static_cast<std::uint8_t*>(out), room});
  if (!made || *made == 0) {
    H5free_memory(out);
    return 0;
  }
  H5free_memory(*buffer);
  *buffer = out;
  *buffer_size = room;
  return *made;
}

}  // namespace

std::optional<std::size_t> decode_lzf(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
  std::size_t made = 0;
  for (std::size_t at = 0; at < in.size();) {
    const std::size_t control = in[at++];
    if (control < 32) {  // so many bytes and one more, as they are
      const std::size_t count = control + 1;
      if (count > in.size() - at || count > out.size() - made) return std::nullopt;
      std::copy_n(in.data() + at, count, out.data() + made);
      at += count;
      made += count;
      continue;
    }
    std::size_t count = control >> 5;  // of bytes again that stand so far back
    if (count == 7) {
      if (at == in.size()) return std::nullopt;
      count += in[at++];
    }
    count += 2;
    if (at == in.size()) return std::nullopt;
    const std::size_t back = ((control & 31) << 8) + in[at++] + 1;
    if (back > made || count > out.size() - made) return std::nullopt;
    for (; count > 0; --count, ++made) out[made] = out[made - back];
  }
  return made;
}

void register_lzf_filter() {
  static const H5Z_class2_t lzf{H5Z_CLASS_T_VERS, lzf_number, 0, 1, "lzf", nullptr, nullptr, read_chunk};
  H5Zregister(&lzf);
}

}  // namespace optex::hdf5
