#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"

#include <filesystem>

#include "given.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::uintmax_t largest_file = 16u << 20;

}  // namespace

std::string read_config_text(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw UsageError(fmt::format("{}: no such configuration file", name));
  }
  if (status.type() == std::filesystem::file_type::none) {
    throw IoError(fmt::format("{}: cannot look at the configuration file: {}", name, error.message()));
  }
  if (status.type() == std::filesystem::file_type::directory) {
    throw UsageError(fmt::format("{}: is a folder, not a configuration file", name));
  }
  // Pipes and devices could block for ever or never end.
  if (status.type() != std::filesystem::file_type::regular) {
    throw UsageError(fmt::format("{}: is not a regular file", name));
  }
  const files::Descriptor opened = files::open_for_reading(file);
  if (const std::uintmax_t size = opened.size(); size > largest_file) {
    throw UsageError(fmt::format("{}: {} bytes are too many for a configuration file (at most {})", name,
                                 size, largest_file));
  }
  return files::read_text(opened);
}

Config parse_config(std::string_view text, const std::string& name, const std::vector<Override>& overrides) {
  GivenKeys file = read_toml(schema(), text, name);
  if (file.sweep)
    file.mistakes.push_back(
        {*file.sweep, "sweep",
         fmt::format("[sweep] describes several runs: 'optex sweep {}' makes them", name)});
  return resolve(schema(), file, read_overrides(schema(), overrides), name);
}

Config read_config(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  return parse_config(read_config_text(file), file.string(), overrides);
}

}  // namespace optex
