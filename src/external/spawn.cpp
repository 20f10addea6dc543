#include "spawn.hpp"

#include "optex/core/errors.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace optex {
namespace {

constexpr int inherited_descriptor = Survivor::life;

// $1: the group. Nobody may wait for this process because it holds his pipe.
constexpr const char* guard_script = R"(exec >/dev/null 2>&1
read -r nothing <&3
kill -s TERM -- "-$1"
sleep 2
kill -s KILL -- "-$1")";

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Start {
  const char* program;
  char* const* words;
  char* const* environment;
  const char* folder;
  int inherited, nothing, when_we_die;
  pid_t parent;
  volatile int error;
};

/// Marks all descriptors from `first` on so that the program that comes does not get them.
void hide_descriptors_from(int first) {
#ifdef CLOSE_RANGE_CLOEXEC
  if (close_range(static_cast<unsigned>(first), ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
#endif
  constexpr int most = 4096;  // older systems: one by one, as many as there usually are
  for (int descriptor = first; descriptor < most; ++descriptor) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

/// The child's side until its own program begins. It shares our memory: only system calls, no allocation.
[[noreturn]] void become(Start& start) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, start.when_we_die);
  if (start.when_we_die != 0 && getppid() != start.parent) _exit(127);
  signal(SIGPIPE, SIG_DFL);  // ignored by us, which the program that comes would take over
  sigset_t blocked;
  sigemptyset(&blocked);
  // A batch system sends these to all processes of a job; they are meant for the ranks.
  sigaddset(&blocked, SIGUSR1);
  sigaddset(&blocked, SIGUSR2);
  const bool ready = dup2(start.nothing, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 &&
                     (start.inherited < 0 || dup2(start.inherited, inherited_descriptor) >= 0) &&
                     chdir(start.folder) == 0 && sigprocmask(SIG_SETMASK, &blocked, nullptr) == 0;
  if (ready) {
    // What else is open (sockets of MPI, locked files) is none of the child's business.
    hide_descriptors_from(start.inherited < 0 ? inherited_descriptor : inherited_descriptor + 1);
    execve(start.program, start.words, start.environment);
  }
  start.error = errno;
  _exit(127);
}

/// vfork, because fork copies the page tables of a large process and is forbidden by some MPI transports.
/// Signals are held back meanwhile: a handler that ran in the child would change our memory.
pid_t spawn_held_back(Start& start) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  if (child == 0) become(start);
  if (child < 0) start.error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return child;
}

}  // namespace

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw IoError(fmt::format("no pipe to a child process can be made: {}", std::strerror(errno)));
  // Away from the number that the child's end gets.
  for (std::size_t i = 0; i < ends.size(); ++i) {
    ends_[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, 16);
    close(ends[i]);
  }
  if (ends_[0] < 0 || ends_[1] < 0)
    throw IoError(fmt::format("no pipe to a child process can be made: {}", std::strerror(errno)));
}

Pipe::~Pipe() {
  for (const int end : ends_)
    if (end >= 0) close(end);
}

Spawned spawn(const std::string& program, std::vector<std::string>& words,
              std::vector<std::string>& environment, const std::filesystem::path& folder, int inherited,
              int when_we_die) {
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::vector<char*> word_pointers = pointers_to(words);
  const std::vector<char*> variable_pointers = pointers_to(environment);
  Start start{program.c_str(),
              word_pointers.data(),
              variable_pointers.data(),
              folder.c_str(),
              inherited,
              nothing,
              when_we_die,
              getpid(),
              0};
  Spawned spawned{spawn_held_back(start), 0};
  spawned.error = start.error;
  if (nothing >= 0) close(nothing);
  if (spawned.error != 0 && spawned.pid > 0) waitpid(spawned.pid, nullptr, 0);
  return spawned;
}

Survivor::Survivor(std::vector<std::string> words, std::vector<std::string> environment)
    : life_(std::make_unique<const Pipe>()) {
  const Spawned spawned = spawn(std::string(words.front()), words, environment, "/", life_->reading(), 0);
  if (spawned.error == 0) pid_ = spawned.pid;
}

Survivor::~Survivor() {
  if (pid_ < 0) return;
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Guard::Guard(pid_t group)
    : survivor_({"/bin/sh", "-c", guard_script, "sh", std::to_string(group)}, {"PATH=/usr/bin:/bin"}) {}

}  // namespace optex
