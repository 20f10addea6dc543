#pragma once

#include <string_view>

#include "support/temporary_folder.hpp"

namespace optex::fuzz {

/// A folder that lives as long as the program, for readers that want files. Memory, where the system has it.
inline const std::filesystem::path& input_folder() {
  static const test::TemporaryFolder folder;
  return folder.path();
}

/// The one input file, with new content.
inline std::filesystem::path input_file(std::string_view bytes, const char* name = "input") {
  const std::filesystem::path file = input_folder() / name;
  test::write_bytes(file, bytes);
  return file;
}

}  // namespace optex::fuzz
