#include "optex/external/child_process.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "doorway.hpp"
#include "program.hpp"
#include "spawn.hpp"
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds look_around{100};  // between two looks whether the child is alive
constexpr double seconds_to_end = 2.0;
constexpr int nothing_inherited = -1;

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words, const fs::path& folder,
                           const std::vector<std::pair<std::string, std::string>>& environment) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw UsageError(fmt::format("problem.directory: {}: no such folder", folder.string()));
  const std::string program = program_named(words.front(), folder);
  name_ = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) name_ += " " + words[i];

  std::vector<std::string> ours;
  for (char** entry = environ; *entry != nullptr; ++entry) ours.emplace_back(*entry);
  std::vector<std::pair<std::string, std::string>> additions = environment;
  doorway_ = std::make_unique<Doorway>();
  additions.emplace_back("OPTEX_SOCKET", doorway_->path().string());

  std::vector<std::string> arguments = words;
  std::vector<std::string> variables = child_environment(ours, additions);
  const Spawned spawned = spawn(program, arguments, variables, folder, nothing_inherited, SIGTERM);
  if (spawned.error != 0) did_not_start(name_, program, spawned.error);
  pid_ = spawned.pid;
  guard_ = std::make_unique<Guard>(pid_);
}

ChildProcess::~ChildProcess() {
  if (connection_ >= 0) close(connection_);
  if (!ended_within(seconds_to_end)) kill();
  ::kill(-pid_, SIGTERM);  // what it has left behind
}  // the guard comes last: from here on it would kill strangers

void ChildProcess::kill() noexcept {
  ::kill(-pid_, SIGTERM);  // a launcher like mpirun ends its ranks then, which are in groups of their own
  ended_within(seconds_to_end);
  ::kill(-pid_, SIGKILL);  // its own children too, though it may be gone itself
  if (reaped_) return;
  while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
}

bool ChildProcess::has_ended() {
  if (!reaped_ && waitpid(pid_, &status_, WNOHANG) == pid_) reaped_ = true;
  return reaped_;
}

bool ChildProcess::ended_within(double seconds) {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (!has_ended()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

std::string ChildProcess::how_it_ended() const {
  if (!reaped_) return "closed its connection";
  if (WIFSIGNALED(status_))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status_), strsignal(WTERMSIG(status_)));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status_));
}

void ChildProcess::ended() {
  ended_within(seconds_to_end);  // the connection is closed a moment before the process is gone
  throw EvaluationError(fmt::format("'{}' {}", name_, how_it_ended()));
}

void ChildProcess::wait_for(int descriptor, short events, Clock::time_point deadline) {
  for (;;) {
    const auto now = Clock::now();
    if (now >= deadline) throw EvaluationError(fmt::format("'{}' did not answer in time", name_));
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now) + std::chrono::milliseconds(1);
    pollfd look{descriptor, events, 0};
    const int found = poll(&look, 1, static_cast<int>(std::min(left, look_around).count()));
    if (found > 0) return;
    if (found < 0 && errno != EINTR)
      throw IoError(fmt::format("waiting for '{}': {}", name_, std::strerror(errno)));
    // Its own children may keep the connection open. A last look: it may have answered and ended.
    if (found == 0 && has_ended() && poll(&look, 1, 0) == 0) ended();
  }
}

void ChildProcess::connect(Clock::time_point deadline) {
  while (connection_ < 0) {
    try {
      wait_for(doorway_->descriptor(), POLLIN, deadline);
    } catch (const EvaluationError& error) {
      throw EvaluationError(
          fmt::format("{}; it has not connected to this program, as optex.serve does", error.what()));
    }
    connection_ = doorway_->let_in();
  }
}

void ChildProcess::send(std::span<const std::byte> bytes, Clock::time_point deadline) {
  connect(deadline);
  while (!bytes.empty()) {
    const ssize_t moved = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (moved >= 0)
      bytes = bytes.subspan(static_cast<std::size_t>(moved));
    else if (errno == EPIPE || errno == ECONNRESET)
      ended();
    else if (errno == EAGAIN)
      wait_for(connection_, POLLOUT, deadline);
    else if (errno != EINTR)
      throw IoError(fmt::format("writing to '{}': {}", name_, std::strerror(errno)));
  }
}

void ChildProcess::receive(std::span<std::byte> bytes, Clock::time_point deadline) {
  connect(deadline);
  while (!bytes.empty()) {
    const ssize_t moved = recv(connection_, bytes.data(), bytes.size(), 0);
    if (moved > 0)
      bytes = bytes.subspan(static_cast<std::size_t>(moved));
    else if (moved == 0 || errno == ECONNRESET)
      ended();
    else if (errno == EAGAIN)
      wait_for(connection_, POLLIN, deadline);
    else if (errno != EINTR)
      throw IoError(fmt::format("reading from '{}': {}", name_, std::strerror(errno)));
  }
}

bool ChildProcess::has_spoken() const {
  std::byte one{};
  return connection_ >= 0 && recv(connection_, &one, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace optex
