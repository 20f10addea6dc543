#pragma once

#include <filesystem>

namespace optex {

/// A Unix socket in a folder of its own that only this user may enter: one process comes in by its path, and
/// the path is gone from then on.
///
/// A path, and no descriptors that are handed down: those reach the program itself only, neither the ranks of
/// an mpirun that it is started by nor anything behind a shell, and whatever the program starts would find
/// the variables that name them, but not what they name.
class Doorway {
 public:
  /// Throws IoError when no folder for temporary files takes it.
  Doorway();
  ~Doorway();
  Doorway(const Doorway&) = delete;
  Doorway& operator=(const Doorway&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Readable when somebody stands before it; never waits.
  int descriptor() const { return listening_; }
  /// The connection to who stands before it, which never waits; -1 when nobody does. Closes the doorway.
  int let_in();

 private:
  void close() noexcept;

  std::filesystem::path path_;
  int listening_ = -1;
};

}  // namespace optex
