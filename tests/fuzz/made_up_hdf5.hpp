#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fuzz_target.hpp"

namespace optex::fuzz {

/// Does to an open-able HDF5 file what the input says, in words that HDF5's own library writes: removes
/// objects, puts others in their place (other types, shapes, layouts; claims of 2^60 numbers with nothing
/// behind them; links to nowhere, in circles and to other files), sets attributes. The file stays one that
/// the library reads: its inner structure is not what is tried here, but everything that is read from it.
///
/// `paths`: the objects that are worth changing.
void change_hdf5(const std::filesystem::path& file, const std::vector<std::string>& paths, Bites& input);

/// The same for a new, empty file.
void make_hdf5(const std::filesystem::path& file, const std::vector<std::string>& paths, Bites& input);

}  // namespace optex::fuzz
