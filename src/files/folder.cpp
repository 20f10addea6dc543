#include "optex/files/folder.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optex::files {
namespace {

namespace fs = std::filesystem;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// The mode of an entry, 0 when there is none. That it cannot be told is an error, not a "no".
mode_t mode_of(const Descriptor& folder, const std::string& name) {
  struct stat status {};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status.st_mode;
  if (errno != ENOENT) fail_with_errno(folder.path() / name, "read");
  return 0;
}

/// Calls take(name, type) for everything in a folder until it returns false.
template <class Take>
void list(int folder, const fs::path& path, Take take) {
  // A descriptor of its own: the position in a folder belongs to the descriptor.
  const int own = ::openat(folder, ".", folder_flags);
  DIR* const entries = own < 0 ? nullptr : ::fdopendir(own);
  if (entries == nullptr) {
    const int reason = errno;
    if (own >= 0) ::close(own);
    errno = reason;
    fail_with_errno(path, "read the folder");
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> closing(entries, ::closedir);
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(entries);
    if (entry == nullptr && errno != 0) fail_with_errno(path, "read the folder");
    if (entry == nullptr) return;
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && !take(name, entry->d_type)) return;
  }
}

}  // namespace

struct Folder::Opened {
  Descriptor descriptor;
  std::shared_ptr<const Opened> outer;  ///< the one it was opened in, if that is known
  std::string lock_name;                ///< empty: nobody's
  dev_t lock_device = 0;
  ino_t lock_number = 0;
};

Folder Folder::open(const fs::path& path) {
  const int number = ::open(path.c_str(), folder_flags);
  if (number < 0) fail_with_errno(path, "open the folder");
  return Folder(std::make_shared<Opened>(Opened{Descriptor(number, path), nullptr, "", 0, 0}));
}

std::optional<Folder> Folder::open_if_there(const fs::path& path) {
  const int number = ::open(path.c_str(), folder_flags);
  if (number < 0 && errno == ENOENT) return std::nullopt;
  if (number < 0) fail_with_errno(path, "open the folder");
  return Folder(std::make_shared<Opened>(Opened{Descriptor(number, path), nullptr, "", 0, 0}));
}

const fs::path& Folder::path() const { return opened_->descriptor.path(); }

void Folder::fail(const std::string& name, const char* action) const {
  fail_with_errno(path() / name, action);
}

std::optional<Folder> Folder::find_below(const std::string& name) const {
  const int number = ::openat(opened_->descriptor, name.c_str(), folder_flags | O_NOFOLLOW);
  if (number >= 0)
    return Folder(std::make_shared<Opened>(Opened{Descriptor(number, path() / name), opened_, "", 0, 0}));
  if (errno == ENOENT) return std::nullopt;
  if (errno == ELOOP || errno == ENOTDIR)
    throw IoError(
        fmt::format("{}: a real folder is needed here, not a link or a file", (path() / name).string()));
  fail(name, "open the folder");
}

Folder Folder::below(const std::string& name) const {
  if (auto found = find_below(name)) return *found;
  errno = ENOENT;
  fail(name, "open the folder");
}

Folder Folder::make_below(const std::string& name) const {
  require_owned();
  if (::mkdirat(opened_->descriptor, name.c_str(), 0777) != 0 && errno != EEXIST)
    fail(name, "create the folder");
  return below(name);
}

Descriptor Folder::open_file(const std::string& name, int flags, unsigned mode) const {
  // Non-blocking, so that a pipe in the place of a file is refused instead of waited for.
  const int number = ::openat(opened_->descriptor, name.c_str(),
                              flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
  if (number < 0 && (errno == ELOOP || errno == EISDIR || errno == ENXIO))
    throw IoError(
        fmt::format("{}: a regular file is needed here, not a link or a folder", (path() / name).string()));
  if (number < 0) fail(name, (flags & O_CREAT) != 0 ? "create" : "open");
  Descriptor opened(number, path() / name);
  opened.size();  // refuses what is no file
  return opened;
}

bool Folder::has_file(const std::string& name) const { return S_ISREG(mode_of(opened_->descriptor, name)); }

bool Folder::has(const std::string& name) const { return mode_of(opened_->descriptor, name) != 0; }

std::vector<std::string> Folder::file_names() const {
  std::vector<std::string> names;
  list(opened_->descriptor, path(), [&](const std::string& name, unsigned char type) {
    if (type == DT_REG || (type == DT_UNKNOWN && has_file(name))) names.push_back(name);
    return true;
  });
  return names;
}

bool Folder::is_empty() const {
  bool empty = true;
  list(opened_->descriptor, path(), [&](const std::string&, unsigned char) { return empty = false; });
  return empty;
}

bool Folder::remove_file(const std::string& name) const {
  require_owned();
  if (::unlinkat(opened_->descriptor, name.c_str(), 0) == 0) return true;
  if (errno == ENOENT) return false;
  fail(name, "remove");
}

bool Folder::remove_folder(const std::string& name) const {
  require_owned();
  return ::unlinkat(opened_->descriptor, name.c_str(), AT_REMOVEDIR) == 0;
}

void Folder::rename(const std::string& from, const std::string& to) const {
  require_owned();
  if (::renameat(opened_->descriptor, from.c_str(), opened_->descriptor, to.c_str()) != 0)
    fail(to, "replace");
}

void Folder::sync() const { opened_->descriptor.sync(); }

void Folder::own_by(std::string name, const Descriptor& lock) const {
  struct stat status {};
  if (::fstat(lock, &status) != 0) fail(name, "read");
  opened_->lock_name = std::move(name);
  opened_->lock_device = status.st_dev;
  opened_->lock_number = status.st_ino;
}

void Folder::own_by_holder_of(std::string name) const {
  struct stat status {};
  if (::fstatat(opened_->descriptor, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
  opened_->lock_name = std::move(name);
  opened_->lock_device = status.st_dev;
  opened_->lock_number = status.st_ino;
}

void Folder::require_owned() const {
  for (const Opened* opened = opened_.get(); opened != nullptr; opened = opened->outer.get()) {
    if (opened->lock_name.empty()) continue;
    struct stat status {};
    const bool there =
        ::fstatat(opened->descriptor, opened->lock_name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (!there && errno != ENOENT) fail_with_errno(opened->descriptor.path() / opened->lock_name, "read");
    if (!there || status.st_dev != opened->lock_device || status.st_ino != opened->lock_number)
      throw IoError(fmt::format(
          "{}: was removed, or taken by another run, while this one was at work; nothing more is written",
          opened->descriptor.path().string()));
  }
}

Place::Place(const fs::path& path)
    : parent_(path.has_parent_path() ? path.parent_path() : fs::path(".")), name_(path.filename().string()) {}

Place::Place(Folder folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) {}

Folder Place::folder() const { return folder_ ? *folder_ : Folder::open(parent_); }

std::optional<Folder> Place::folder_if_there() const {
  return folder_ ? folder_ : Folder::open_if_there(parent_);
}

fs::path Place::path() const { return (folder_ ? folder_->path() : parent_) / name_; }

bool Place::exists() const {
  const std::optional<Folder> folder = folder_if_there();
  return folder && folder->has_file(name_);
}

}  // namespace optex::files
