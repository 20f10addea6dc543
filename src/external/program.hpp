#pragma once

#include <filesystem>
#include <string>

namespace optex {

/// The file of the program `name`: looked for in PATH, or from `folder` on when it has a '/'. Throws
/// UsageError when there is none or it is no program.
std::string program_named(const std::string& name, const std::filesystem::path& folder);

/// The program `file`, which `name` stands for, was there and did not start: why. Throws UsageError when the
/// file is to blame (no #! line, or one that names a program that is missing), else IoError.
[[noreturn]] void did_not_start(const std::string& name, const std::string& file, int error);

}  // namespace optex
