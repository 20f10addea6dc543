#pragma once

#include <filesystem>

namespace optex {

/// The same place named from the root, for whoever looks from another folder. Nothing is cut out but "." :
/// where ".." leads behind a symbolic link only the kernel knows. Throws IoError when the current folder is
/// gone.
std::filesystem::path absolute_path(const std::filesystem::path& path);

}  // namespace optex
