#include "optex/core/absolute_path.hpp"

#include "optex/core/errors.hpp"

#include <system_error>

namespace optex {

std::filesystem::path absolute_path(const std::filesystem::path& path) {
  if (path.empty()) return path;
  std::error_code error;
  const std::filesystem::path from_root = std::filesystem::absolute(path, error);
  if (error)
    throw IoError(path.string() + ": cannot be found from here: the current folder: " + error.message());
  std::filesystem::path whole;
  for (const std::filesystem::path& part : from_root)
    if (part != ".") whole /= part;
  return whole;
}

}  // namespace optex
