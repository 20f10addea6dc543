#pragma once

#include "optex/files/folder.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// Reading what others may have put there: regular files only (a pipe or a device would make us wait or read
/// for ever), and no more than is asked for. A read that the operating system refuses is an error, never the
/// end of the file.
namespace optex::files {

inline constexpr std::uintmax_t most_text = std::uintmax_t{64} << 20;

/// Links are followed: for files that the user names. Throws IoError for what is no regular file.
Descriptor open_for_reading(const std::filesystem::path& path);

/// The whole file. Throws IoError when it has more than `most` bytes.
std::string read_text(const Descriptor& file, std::uintmax_t most = most_text);
/// Nothing when there is no such file. A link is refused.
std::optional<std::string> read_text_if_there(const Place& file, std::uintmax_t most = most_text);

/// Lines of a file, one after the other, in little memory.
class LineReader {
 public:
  /// Throws IoError from next() at a line of more than `longest` bytes.
  explicit LineReader(Descriptor file, std::size_t longest = std::size_t{64} << 20);

  /// The next line without its end; false when there is none. What follows the last newline is a line, too.
  bool next(std::string& line);
  /// Whether the last line had a newline: without it, it may be half of one.
  bool was_whole() const { return whole_; }

 private:
  bool fill();

  Descriptor file_;
  std::size_t longest_;
  std::uintmax_t offset_ = 0;
  std::string buffer_;
  std::size_t first_ = 0;  ///< of what is not given out yet, in buffer_
  bool whole_ = false;
};

}  // namespace optex::files
