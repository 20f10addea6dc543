#include "optex/external/child_process.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>
#include <thread>

#include "spawn.hpp"
#include "wire.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds look_around{100};  // between two looks whether the child is alive
constexpr double seconds_to_end = 2.0;

/// Writing to a child that is gone raises a signal, which the rest of the program must not see.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    const timespec now{};
    while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_{}, before_{};
};

std::string program_named(const std::string& name, const fs::path& folder) {
  const auto runs = [](const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) {
    const fs::path path = folder / name;
    if (!fs::exists(path))
      throw UsageError(fmt::format("problem.command: {}: no such program", path.string()));
    if (!runs(path))
      throw UsageError(fmt::format("problem.command: {}: is not a program (chmod +x?)", path.string()));
    return path.string();
  }
  const char* const variable = getenv("PATH");
  const std::string_view path = variable != nullptr ? variable : "/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = fs::path(path.substr(begin, end - begin)) / name;
    if (end > begin && runs(candidate)) return candidate.string();
    begin = end + 1;
  }
  throw UsageError(fmt::format(
      "problem.command: there is no program '{}' in PATH; a program of your own is written with a '/' (./{})",
      name, name));
}

}  // namespace

std::vector<std::string> child_environment(
    const std::vector<std::string>& ours, const std::vector<std::pair<std::string, std::string>>& additions) {
  constexpr std::array launcher{"OMPI_", "PMIX_",  "PRTE_", "PMI_",      "PMI2_", "OPAL_",
                                "ORTE_", "HYDRA_", "HYDI_", "MPI_LOCAL", "MPIR_", "MV2_COMM_"};
  std::vector<std::string> environment;
  for (const std::string& entry : ours) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    const bool launchers = std::any_of(launcher.begin(), launcher.end(),
                                       [&](const char* prefix) { return name.starts_with(prefix); });
    const bool permission = name.starts_with("OMPI_ALLOW_RUN_AS_ROOT");
    const bool replaced = std::any_of(additions.begin(), additions.end(),
                                      [&](const auto& addition) { return addition.first == name; });
    if ((launchers && !permission) || replaced) continue;
    environment.push_back(entry);
  }
  for (const auto& [name, value] : additions) environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

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
  additions.emplace_back("OPTEX_REQUEST_FD", std::to_string(wire::request_descriptor));
  additions.emplace_back("OPTEX_ANSWER_FD", std::to_string(wire::answer_descriptor));

  Pipe requests;
  Pipe answers;
  std::vector<std::string> arguments = words;
  std::vector<std::string> variables = child_environment(ours, additions);
  Spawned spawned =
      spawn(program, arguments, variables, folder, requests.reading(), answers.writing(), SIGTERM);
  pid_ = spawned.pid;
  if (spawned.error != 0)
    throw IoError(
        fmt::format("problem.command: {}: cannot be started: {}", name_, std::strerror(spawned.error)));
  guard_ = std::make_unique<Guard>(pid_);
  to_child_ = requests.keep(1);
  from_child_ = answers.keep(0);
}

ChildProcess::~ChildProcess() {
  if (to_child_ >= 0) close(to_child_);
  if (from_child_ >= 0) close(from_child_);
  if (!ended_within(seconds_to_end)) {
    ::kill(-pid_, SIGTERM);
    if (!ended_within(seconds_to_end)) kill();
  }
  ::kill(-pid_, SIGTERM);  // what it has left behind
}  // the guard comes last: from here on it would kill strangers

void ChildProcess::kill() noexcept {
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
  if (!reaped_) return "closed its end of the pipe";
  if (WIFSIGNALED(status_))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status_), strsignal(WTERMSIG(status_)));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status_));
}

void ChildProcess::ended() {
  ended_within(0.5);  // the pipe is closed a moment before the process is gone
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
    // Its own children may keep the pipe open. A last look: it may have answered and ended.
    if (found == 0 && has_ended() && poll(&look, 1, 0) == 0) ended();
  }
}

void ChildProcess::send(std::span<const std::byte> bytes, Clock::time_point deadline) {
  const WithoutSigpipe quiet;
  while (!bytes.empty()) {
    const ssize_t moved = write(to_child_, bytes.data(), bytes.size());
    if (moved >= 0)
      bytes = bytes.subspan(static_cast<std::size_t>(moved));
    else if (errno == EPIPE)
      ended();
    else if (errno == EAGAIN)
      wait_for(to_child_, POLLOUT, deadline);
    else if (errno != EINTR)
      throw IoError(fmt::format("writing to '{}': {}", name_, std::strerror(errno)));
  }
}

void ChildProcess::receive(std::span<std::byte> bytes, Clock::time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t moved = read(from_child_, bytes.data(), bytes.size());
    if (moved > 0)
      bytes = bytes.subspan(static_cast<std::size_t>(moved));
    else if (moved == 0)
      ended();
    else if (errno == EAGAIN)
      wait_for(from_child_, POLLIN, deadline);
    else if (errno != EINTR)
      throw IoError(fmt::format("reading from '{}': {}", name_, std::strerror(errno)));
  }
}

}  // namespace optex
