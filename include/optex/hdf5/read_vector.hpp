#pragma once

#include "optex/core/types.hpp"

#include <filesystem>
#include <string>

namespace optex::hdf5 {

/// The 1-D numbers at `dataset` of `file`, for example a start point. A 2-D dataset with one row or one
/// column is taken too. Throws IoError when the file or the dataset is missing (it lists what is there), or
/// when rank or type do not fit, or when the file carries a seal that is broken.
Vector read_vector(const std::filesystem::path& file, const std::string& dataset);

}  // namespace optex::hdf5
