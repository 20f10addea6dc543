#pragma once

#include "optex/files/descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

/// A seal in front of an HDF5 file: 512 bytes of plain text (HDF5's own "user block", which every reader
/// skips) with the file's length and the xxh3-128 hash of all its bytes.
///
/// HDF5's checksums cover the numbers but not the file's inner structure, and its library may crash, hang or
/// ask for all memory when that structure is damaged. The seal is checked before the library sees a single
/// byte.
namespace optex::hdf5 {

inline constexpr std::size_t seal_size = 512;

enum class SealState {
  intact,
  broken,  ///< the bytes are not those that were sealed
  absent,  ///< no seal: another program's file, or its first bytes are damaged
};

struct SealCheck {
  SealState state = SealState::absent;
  std::string problem;  ///< what is wrong, for people; empty when intact
};

/// Seals a finished file that was created with a user block of seal_size and is open for reading and writing.
/// Reads it once.
void seal(const files::Descriptor& file);
void seal(const std::filesystem::path& file);

/// Reads the whole file once, in pieces. Throws IoError when it cannot be read at all.
SealCheck check_seal(const files::Descriptor& file);
SealCheck check_seal(const std::filesystem::path& file);

}  // namespace optex::hdf5
