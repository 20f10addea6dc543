#include "last_will.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/signal_notes.hpp"
#include "optex/monitor/run_folder.hpp"
#include "optex/monitor/words_of_dead_ranks.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace optex::app {
namespace {

using std::chrono::milliseconds;

constexpr const char* request = "--last-will";  // FOLDER RANK LABEL; the rank's life on stdin

/// A process with the reading end of a pipe as its stdin and nothing else; -1 when there is none.
pid_t start(const std::array<const char*, 6>& words, int reading_end) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  if (::posix_spawn_file_actions_init(&files) != 0) return -1;
  if (::posix_spawnattr_init(&how) != 0) {
    ::posix_spawn_file_actions_destroy(&files);
    return -1;
  }
  ::posix_spawn_file_actions_adddup2(&files, reading_end, STDIN_FILENO);
  for (const int number : {STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(&files, number, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&how, &none);
  ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  pid_t process = -1;
  // The program that runs, whatever lies at its place by now. posix_spawn() changes none of the words.
  if (::posix_spawn(&process, "/proc/self/exe", &files, &how, const_cast<char* const*>(words.data()),
                    environ) != 0)
    process = -1;
  ::posix_spawnattr_destroy(&how);
  ::posix_spawn_file_actions_destroy(&files);
  return process;
}

}  // namespace

LastWill::LastWill(const std::filesystem::path& run_folder, int rank, const std::string& label) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  const std::string number = std::to_string(rank);
  process_ = start({"optex", request, run_folder.c_str(), number.c_str(), label.c_str(), nullptr}, ends[0]);
  ::close(ends[0]);
  rank_lives_ = ends[1];
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!end_.wait_for(lock, milliseconds(100), [this] { return over_; })) {
      const auto signal = SignalNotes::look();
      if (signal && *signal != SIGUSR1 && *signal != SIGUSR2) return revoke();
    }
    revoke();
  });
}

LastWill::~LastWill() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  end_.notify_one();
  thread_.join();
  ::close(rank_lives_);
  // It ends within a moment; nobody is kept by one that cannot.
  for (int look = 0; process_ > 0 && look < 100 && ::waitpid(process_, nullptr, WNOHANG) == 0; ++look)
    std::this_thread::sleep_for(milliseconds(10));
}

void LastWill::revoke() { [[maybe_unused]] const auto written = ::write(rank_lives_, "x", 1); }

std::optional<int> LastWill::execute(int argc, const char* const* argv) {
  if (argc != 5 || std::string_view(argv[1]) != request) return std::nullopt;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) std::signal(signal, SIG_IGN);
  int rank = 0;
  const std::string_view number = argv[3];
  std::from_chars(number.data(), number.data() + number.size(), rank);
  try {
    // Now, while it is this run's.
    const std::optional<files::Folder> folder = folder_seen_by_rank(argv[2]);
    char word = 0;
    ssize_t count = 0;
    do count = ::read(STDIN_FILENO, &word, 1);
    while (count < 0 && errno == EINTR);
    if (folder && count == 0) WordsOfDeadRanks::tell(*folder, rank, argv[4]);
  } catch (const Error&) {
    // Then the signal counts.
  }
  return 0;
}

}  // namespace optex::app
