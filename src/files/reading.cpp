#include "optex/files/reading.hpp"

#include <utility>

#include <fcntl.h>
#include <fmt/format.h>

namespace optex::files {

Descriptor open_for_reading(const std::filesystem::path& path) {
  Descriptor opened(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  opened.size();  // refuses what is no file
  return opened;
}

std::string read_text(const Descriptor& file, std::uintmax_t most) {
  const std::uintmax_t bytes = file.size();
  const auto too_long = [&] {
    return IoError(fmt::format("{}: is larger than {} bytes", file.path().string(), most));
  };
  if (bytes > most) throw too_long();
  // One byte more than it has: a file that grows meanwhile, or one of /proc that claims to be empty.
  std::string text;
  constexpr std::size_t least = 4096;
  for (std::size_t room = static_cast<std::size_t>(bytes) + 1;; room = least) {
    const std::size_t begin = text.size();
    text.resize(begin + room);
    const std::size_t taken = file.read_at(begin, text.data() + begin, room);
    text.resize(begin + taken);
    if (text.size() > most) throw too_long();
    if (taken < room) return text;
  }
}

std::optional<std::string> read_text_if_there(const Place& file, std::uintmax_t most) {
  const std::optional<Folder> folder = file.folder_if_there();
  if (!folder || !folder->has(file.name())) return std::nullopt;
  return read_text(folder->open_file(file.name(), O_RDONLY), most);
}

LineReader::LineReader(Descriptor file, std::size_t longest) : file_(std::move(file)), longest_(longest) {}

bool LineReader::fill() {
  constexpr std::size_t piece = std::size_t{1} << 16;
  buffer_.erase(0, std::exchange(first_, 0));
  const std::size_t before = buffer_.size();
  buffer_.resize(before + piece);
  const std::size_t taken = file_.read_at(offset_, buffer_.data() + before, piece);
  buffer_.resize(before + taken);
  offset_ += taken;
  return taken > 0;
}

bool LineReader::next(std::string& line) {
  for (std::size_t searched = 0;;) {
    const std::size_t end = buffer_.find('\n', first_ + searched);
    if (end != std::string::npos) {
      line.assign(buffer_, first_, end - first_);
      first_ = end + 1;
      whole_ = true;
      return true;
    }
    searched = buffer_.size() - first_;
    if (searched > longest_)
      throw IoError(fmt::format("{}: a line is longer than {} bytes", file_.path().string(), longest_));
    if (fill()) continue;
    if (first_ == buffer_.size()) return false;
    line.assign(buffer_, first_);
    first_ = buffer_.size();
    whole_ = false;
    return true;
  }
}

}  // namespace optex::files
