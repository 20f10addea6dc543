#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace optex::hdf5 {

/// Makes HDF5 read what h5py writes with compression="lzf" (filter 32000), which the library itself does not
/// know. Call it before the first file is opened.
void register_lzf_filter();

/// Decodes LZF (Marc Lehmann's liblzf) into `out`. Returns the number of bytes, or nothing when the input is
/// no LZF or gives more than `out` holds.
std::optional<std::size_t> decode_lzf(std::span<const std::uint8_t> in, std::span<std::uint8_t> out);

}  // namespace optex::hdf5
