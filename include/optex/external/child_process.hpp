#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace optex {

class Doorway;
class Guard;

/// What becomes of the child's environment: ours without what a launcher or a step of Slurm left in it for us
/// (a program that finds it thinks that it is a rank of our job, and an MPI of its own fails), with
/// `additions` put in place. What the user has set himself (OMPI_MCA_btl and the like) stays.
std::vector<std::string> child_environment(const std::vector<std::string>& ours,
                                           const std::vector<std::pair<std::string, std::string>>& additions);

/// A program that runs beside this one and talks to it through a Unix socket, whose path is in its
/// OPTEX_SOCKET: the program itself may connect or one that it starts, such as the first rank of an mpirun.
/// Its stdin is empty, its stdout and stderr are our stderr: what it prints cannot get between the messages.
/// It has a process group of its own (Ctrl-C and signals from a batch system reach us, and we decide) and
/// ends when we do, with all that it has started in that group, even when we are killed.
class ChildProcess {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts words[0] (looked for in PATH unless it has a '/') in `folder`, without a shell. Throws UsageError
  /// when there is no such program or folder, IoError when it cannot be started.
  ChildProcess(const std::vector<std::string>& words, const std::filesystem::path& folder,
               const std::vector<std::pair<std::string, std::string>>& environment);
  /// Closes the connection and gives the program two seconds to end; then as kill().
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Move all bytes or throw EvaluationError: the program ended (how is told), closed its connection, or did
  /// not move on before `deadline`. The first call waits for the program to connect.
  void send(std::span<const std::byte> bytes, Clock::time_point deadline);
  void receive(std::span<std::byte> bytes, Clock::time_point deadline);

  /// Whether it has sent something that nobody has received yet.
  bool has_spoken() const;

  /// TERM to the whole process group; KILL when it lives two seconds later.
  void kill() noexcept;
  pid_t pid() const { return pid_; }

 private:
  void connect(Clock::time_point deadline);
  void wait_for(int descriptor, short events, Clock::time_point deadline);
  bool has_ended();
  bool ended_within(double seconds);
  [[noreturn]] void ended();
  std::string how_it_ended() const;

  std::string name_;
  pid_t pid_ = -1;
  int connection_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  std::unique_ptr<Doorway> doorway_;
  std::unique_ptr<Guard> guard_;
};

}  // namespace optex
