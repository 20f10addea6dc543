#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace optex {

class Pipe;

/// A small process that outlives this one by a moment: it is to wait for the end of its descriptor 3, which
/// comes when this process dies, however it does (kill -9 runs no destructor), and then to do what is left.
class Survivor {
 public:
  static constexpr int life = 3;  ///< its descriptor

  /// The program (a path) and its arguments, started as spawn() does, in a process group of its own. Without
  /// the means for a process there is none.
  Survivor(std::vector<std::string> words, std::vector<std::string> environment);
  /// Nothing is left to be done: ends it.
  ~Survivor();
  Survivor(const Survivor&) = delete;
  Survivor& operator=(const Survivor&) = delete;

 private:
  std::unique_ptr<const Pipe> life_;  ///< closed by the kernel when we die
  pid_t pid_ = -1;
};

}  // namespace optex
