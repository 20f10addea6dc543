#pragma once

#include "optex/core/types.hpp"
#include "optex/data/shard.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

namespace optex {

/// An IDX file of unsigned bytes (the format of MNIST, http://yann.lecun.com/exdb/mnist): an array whose
/// first dimension counts samples.
struct IdxBytes {
  std::vector<Index>
      dimensions;  ///< as the file declares them; the first is the number of samples in the file
  std::vector<std::uint8_t> bytes;  ///< of samples_kept() samples, one after the other

  /// Bytes a sample: the product of all dimensions but the first.
  Index sample_size() const;
  Index samples_kept() const { return static_cast<Index>(bytes.size()) / sample_size(); }
};

/// Reads an IDX file, plain or gzip, and keeps its first `limit` samples (0: all). The rest is still read
/// through, so a damaged file is always found. `rank` is the number of dimensions that is expected.
///
/// Throws IoError, naming the path and a remedy: missing or unreadable file, not IDX, another element type or
/// number of dimensions, a dimension of zero, fewer or more bytes than declared, gzip damage. Memory grows
/// with the bytes that are really there: a header that lies about the size allocates nothing.
IdxBytes read_idx(const std::filesystem::path& path, int rank, Index limit = 0);

/// Some neighbouring samples only; what lies behind them is not looked at. Throws as read_idx().
IdxBytes read_idx_part(const std::filesystem::path& path, int rank, const SampleRange& samples);

/// Hands all bytes of the first `samples` samples (0: of all) to `visit`, sample by sample, and reads through
/// the rest. Memory: one sample. Returns the dimensions. Throws as read_idx().
std::vector<Index> scan_idx(const std::filesystem::path& path, int rank, Index samples,
                            const std::function<void(Index, std::span<const std::uint8_t>)>& visit);

}  // namespace optex
