#pragma once

#include "optex/external/survivor.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace optex {

/// Not inherited by any program that is started.
class Pipe {
 public:
  Pipe();
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{-1, -1};
};

struct Spawned {
  pid_t pid = -1;
  int error = 0;  ///< errno when the program could not be started; there is no process then
};

/// Starts a program without a shell, in a process group of its own. Its stdin is empty, its stdout and stderr
/// are our stderr; `inherited` (none when negative) is its descriptor 3, and it has no others. `when_we_die`:
/// the signal that it gets then; 0: none.
Spawned spawn(const std::string& program, std::vector<std::string>& words,
              std::vector<std::string>& environment, const std::filesystem::path& folder, int inherited,
              int when_we_die);

/// When this process dies it ends a process group, with TERM and two seconds later with KILL; as long as the
/// object lives. The signal that a child gets when its parent dies is not enough: the child may not heed it,
/// and its own children do not get it.
class Guard {
 public:
  explicit Guard(pid_t group);

 private:
  Survivor survivor_;
};

}  // namespace optex
