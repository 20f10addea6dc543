#include "optex/files/replacement_file.hpp"

#include <atomic>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

namespace optex::files {
namespace {

constexpr std::string_view suffix = ".partial";

/// Sixteen digits that nobody else has, on any host.
std::string own_mark() {
  std::uint64_t mark = 0;
  if (::getrandom(&mark, sizeof mark, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof mark)) {
    static std::atomic<std::uint64_t> count = 0;
    mark = (static_cast<std::uint64_t>(::getpid()) << 32U) + ++count;
  }
  return fmt::format("{:016x}", mark);
}

std::string temporary_name(const std::string& target, Writers writers) {
  return ReplacementFile::temporary_of(writers == Writers::one ? target : target + "." + own_mark());
}

Descriptor make(const Folder& folder, const std::string& temporary) {
  folder.remove_file(temporary);
  return folder.open_file(temporary, O_RDWR | O_CREAT | O_EXCL);
}

}  // namespace

std::string ReplacementFile::temporary_of(std::string_view name) {
  return fmt::format(".{}{}", name, suffix);
}

std::string ReplacementFile::target_of(std::string_view temporary) {
  if (temporary.size() < 2 + suffix.size() || temporary.front() != '.' || !temporary.ends_with(suffix))
    return {};
  std::string_view name = temporary.substr(1, temporary.size() - 1 - suffix.size());
  constexpr std::size_t mark = 17;  // ".0123456789abcdef"
  if (name.size() > mark && name[name.size() - mark] == '.' &&
      name.substr(name.size() - mark + 1).find_first_not_of("0123456789abcdef") == std::string_view::npos)
    name.remove_suffix(mark);
  return std::string(name);
}

ReplacementFile::ReplacementFile(const Place& target, Writers writers)
    : folder_(target.folder()),
      target_(target.name()),
      temporary_(temporary_name(target_, writers)),
      content_(make(folder_, temporary_)) {}

ReplacementFile::~ReplacementFile() {
  if (committed_) return;
  try {
    folder_.remove_file(temporary_);
  } catch (const IoError&) {
    // The next writer removes it, or nobody may any more.
  }
}

void ReplacementFile::commit(Durability durability) {
  if (durability == Durability::machine) content_.sync();
  content_.close();
  folder_.rename(temporary_, target_);
  committed_ = true;
  if (durability == Durability::machine) folder_.sync();
}

void replace_text(const Place& target, std::string_view text, Durability durability) {
  ReplacementFile replacement(target);
  replacement.content().write_all(text.data(), text.size());
  replacement.commit(durability);
}

}  // namespace optex::files
