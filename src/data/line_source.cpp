#include "line_source.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/utf8.hpp"
#include "optex/text/utf8.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::size_t first_buffer = std::size_t{1} << 20;
constexpr std::size_t longest_line = std::size_t{1} << 30;

}  // namespace

void check_utf8(std::string_view text, const std::string& place) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = first_character(text.substr(at)).bytes;
    if (length == 0)
      throw IoError(
          fmt::format("{}: byte {:#04x} at column {} is not UTF-8; convert the file, for example "
                      "with `iconv -f ISO-8859-1 -t UTF-8`",
                      place, static_cast<unsigned char>(text[at]), at + 1));
    at += length;
  }
}

LineSource::LineSource(const std::filesystem::path& path)
    : path_(path), bytes_(path), buffer_(first_buffer) {}

std::string LineSource::place() const { return fmt::format("{}:{}", path_.string(), number_); }

void LineSource::refuse(const std::string& what) const {
  throw IoError(fmt::format("{}: {}", place(), what));
}

bool LineSource::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (buffer_.size() >= longest_line) refuse("a line of more than 1 GiB; this is no text file");
    buffer_.resize(2 * buffer_.size());
  }
  const std::size_t count = bytes_.read({buffer_.data() + end_, buffer_.size() - end_});
  end_ += count;
  return count > 0;
}

bool LineSource::next(std::string_view& line) {
  if (after_return_) {
    if (begin_ == end_ && !ended_) ended_ = !fill();
    if (begin_ < end_ && buffer_[begin_] == '\n') ++begin_;
    after_return_ = false;
  }
  std::size_t searched = begin_;
  const std::uint8_t* newline = nullptr;
  for (;;) {
    newline = std::find_if(buffer_.data() + searched, buffer_.data() + end_,
                           [](std::uint8_t byte) { return byte == '\n' || byte == '\r'; });
    if (newline != buffer_.data() + end_ || ended_) break;
    const std::size_t seen = end_ - begin_;
    ended_ = !fill();
    searched = begin_ + seen;
  }
  const auto stop = static_cast<std::size_t>(newline - buffer_.data());
  if (stop == begin_ && stop == end_) return false;
  line = {reinterpret_cast<const char*>(buffer_.data() + begin_), stop - begin_};
  after_return_ = stop < end_ && buffer_[stop] == '\r';
  begin_ = std::min(stop + 1, end_);
  ++number_;
  if (number_ == 1) {
    if (const char* const wide = marked_encoding(line))
      refuse(fmt::format("the file is {0}; convert it with `iconv -f {0} -t UTF-8`", wide));
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  }
  check(line);
  return true;
}

void LineSource::check(std::string_view line) const {
  if (line.find('\0') != std::string_view::npos)
    refuse("a NUL byte: not a text file, or one in UTF-16 (`iconv -f UTF-16 -t UTF-8` converts it)");
  check_utf8(line, place());
}

}  // namespace optex
