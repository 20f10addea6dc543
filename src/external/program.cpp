#include "program.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

/// What follows "#!" in the first line of a file, as far as its name of a program goes; empty when there is
/// no such line.
std::string interpreter_of(const std::string& file) {
  std::string line(256, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(in.gcount()));
  line.resize(std::min(line.find('\n'), line.size()));
  if (!line.starts_with("#!")) return {};
  const std::size_t begin = line.find_first_not_of(" \t", 2);
  if (begin == std::string::npos) return {};
  return line.substr(begin, line.find_first_of(" \t", begin) - begin);
}

}  // namespace

std::string program_named(const std::string& name, const fs::path& folder) {
  const auto runs = [](const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) {
    const fs::path path = folder / name;
    std::error_code no_matter;
    if (!fs::exists(path, no_matter))
      throw UsageError(fmt::format("problem.command: {}: no such program", path.string()));
    if (!runs(path))
      throw UsageError(fmt::format("problem.command: {}: is not a program (chmod +x?)", path.string()));
    return path.string();
  }
  const char* const variable = std::getenv("PATH");
  const std::string_view path = variable != nullptr ? variable : "/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = fs::path(path.substr(begin, end - begin)) / name;
    if (end > begin && runs(candidate)) return candidate.string();
    begin = end + 1;
  }
  throw UsageError(fmt::format(
      "problem.command: there is no program '{}' in PATH; a program of your own is written with a '/' (./{})",
      name, name));
}

void did_not_start(const std::string& name, const std::string& file, int error) {
  const auto to_blame = [&](const std::string& what) {
    return UsageError(fmt::format("problem.command: {}: {}", file, what));
  };
  const std::string interpreter = printable(interpreter_of(file));
  const std::string line_end = interpreter.ends_with(' ') ? " (its lines end as on Windows)" : "";
  if (error == ENOENT && !interpreter.empty())
    throw to_blame(
        fmt::format("its first line names '{}', and there is no such program{}", interpreter, line_end));
  if (error == ENOENT)
    throw to_blame("was built for another system: the loader that it names is missing here");
  if (error == EACCES && !interpreter.empty())
    throw to_blame(fmt::format("its first line names '{}', which may not be run", interpreter));
  if (error == ENOEXEC)
    throw to_blame(
        "is neither a program of this machine nor a script with a line like '#!/usr/bin/env python3' at its "
        "top; or name its interpreter, as in command = [\"python3\", \"mine.py\"]");
  throw IoError(fmt::format("problem.command: {}: cannot be started: {}", name, std::strerror(error)));
}

}  // namespace optex
