#include "optex/core/absolute_path.hpp"

namespace optex {

std::filesystem::path absolute_path(const std::filesystem::path& path) {
  if (path.empty()) return path;
  std::filesystem::path whole;
  for (const std::filesystem::path& part : std::filesystem::absolute(path))
    if (part != ".") whole /= part;
  return whole;
}

}  // namespace optex
