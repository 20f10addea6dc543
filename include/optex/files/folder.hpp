#pragma once

#include "optex/files/descriptor.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optex::files {

/// An opened folder. What lies in it is reached by its descriptor and never through a link: whatever becomes
/// of its path afterwards (moved, removed, swapped for a link), the same folder is meant. Copies share it.
///
/// A folder may be owned by a lock file in it: once that is not the one that was locked any more, somebody
/// removed the folder or took it over, and nothing is written, replaced or removed in it or below it.
class Folder {
 public:
  /// Links on the way to it are followed.
  static Folder open(const std::filesystem::path& path);
  /// Nothing when there is none.
  static std::optional<Folder> open_if_there(const std::filesystem::path& path);

  /// A folder in this one. Throws IoError for a link, a file, or nothing.
  Folder below(const std::string& name) const;
  /// The same, nothing when there is none.
  std::optional<Folder> find_below(const std::string& name) const;
  /// The same, made when there is none.
  Folder make_below(const std::string& name) const;

  /// As it was opened, for messages.
  const std::filesystem::path& path() const;

  /// Opens a regular file in it; with O_CREAT one that is new or there already. Throws IoError for a link or
  /// anything else that is no file.
  Descriptor open_file(const std::string& name, int flags, unsigned mode = 0666) const;
  /// Whether there is a regular file of that name.
  bool has_file(const std::string& name) const;
  /// Whether there is anything of that name, a link too.
  bool has(const std::string& name) const;
  /// Of regular files, in any order.
  std::vector<std::string> file_names() const;
  /// Nothing at all in it.
  bool is_empty() const;

  /// Removes a file, or a link itself. False when there was none.
  bool remove_file(const std::string& name) const;
  /// Removes an empty folder; false when it is not empty or not there.
  bool remove_folder(const std::string& name) const;
  void rename(const std::string& from, const std::string& to) const;
  /// Forces names to disk.
  void sync() const;

  /// From here on it is owned by whoever holds `lock`, a file in it of that name.
  void own_by(std::string name, const Descriptor& lock) const;
  /// The same for whoever has the lock now; nothing when there is no such file.
  void own_by_holder_of(std::string name) const;
  /// Throws IoError when that lock is gone or another one.
  void require_owned() const;

 private:
  struct Opened;
  explicit Folder(std::shared_ptr<Opened> opened) : opened_(std::move(opened)) {}
  [[noreturn]] void fail(const std::string& name, const char* action) const;

  std::shared_ptr<Opened> opened_;
};

/// A file, there or not, by name in a folder: one that is opened, or one that is found by its path at every
/// use. The file itself is never reached through a link.
class Place {
 public:
  Place(const std::filesystem::path& path);  // NOLINT(google-explicit-constructor): every path is a place
  Place(const char* path) : Place(std::filesystem::path(path)) {}  // NOLINT(google-explicit-constructor)
  Place(Folder folder, std::string name);

  Folder folder() const;
  /// Nothing when there is none.
  std::optional<Folder> folder_if_there() const;
  const std::string& name() const { return name_; }
  /// For messages.
  std::filesystem::path path() const;
  std::string string() const { return path().string(); }

  Descriptor open(int flags, unsigned mode = 0666) const { return folder().open_file(name_, flags, mode); }
  bool exists() const;
  /// False when there was none.
  bool remove() const { return folder().remove_file(name_); }

 private:
  std::optional<Folder> folder_;
  std::filesystem::path parent_;  ///< of a place found by its path
  std::string name_;
};

}  // namespace optex::files
