#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "byte_source.hpp"

namespace optex {

/// The lines of a text file, plain or compressed, without their ends ("\n", "\r\n" or "\r"). What is not text
/// in ASCII or UTF-8 is found out and refused with the remedy.
class LineSource {
 public:
  explicit LineSource(const std::filesystem::path& path);

  /// The next line, valid until the next call; false at the end of the file. Throws IoError for UTF-16 or
  /// UTF-32, NUL bytes, and bytes that are not UTF-8.
  bool next(std::string_view& line);

  std::int64_t number() const { return number_; }  ///< of the last line, from 1
  /// "FILE:LINE"
  std::string place() const;
  /// Throws IoError "FILE:LINE: what".
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  bool fill();
  void check(std::string_view line) const;

  std::filesystem::path path_;
  ByteSource bytes_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;  // of the next line in the buffer
  std::size_t end_ = 0;    // of what is filled
  bool ended_ = false;
  bool after_return_ = false;  // a "\n" that comes next belongs to the line before
  std::int64_t number_ = 0;
};

/// Throws IoError naming `place` when `text` is not UTF-8 (RFC 3629).
void check_utf8(std::string_view text, const std::string& place);

}  // namespace optex
