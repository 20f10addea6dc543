#include "optex/core/signal_notes.hpp"

#include <atomic>
#include <cstdint>

#include <time.h>

namespace optex {
namespace {

static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free,
              "a signal handler may touch lock-free atomics only");

constexpr std::size_t most_signals = 65;
std::array<std::atomic<bool>, most_signals> noted;
std::atomic<std::int64_t> first_request_to_end{0};  // seconds; 0: none yet

std::int64_t seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1;
}

void note(int signal) {
  if (signal == SIGTERM || signal == SIGINT) {
    std::int64_t first = 0;
    const std::int64_t now = seconds_now();
    // Launchers send the same request in several ways at once: only a later one shows impatience.
    if (!first_request_to_end.compare_exchange_strong(first, now) && now > first + 1) {
      std::signal(signal, SIG_DFL);
      std::raise(signal);
    }
  }
  noted[static_cast<std::size_t>(signal)] = true;
}

}  // namespace

SignalNotes::SignalNotes() {
  first_request_to_end = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    noted[static_cast<std::size_t>(signals[i])] = false;
    sigaction(signals[i], &action, &before_[i]);
    // nohup: the terminal may go, the run goes on.
    if (signals[i] == SIGHUP && before_[i].sa_handler == SIG_IGN) sigaction(SIGHUP, &before_[i], nullptr);
  }
}

SignalNotes::~SignalNotes() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
}

void SignalNotes::resign() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
    if (noted[static_cast<std::size_t>(signal)]) std::raise(signal);
  }
}

std::optional<int> SignalNotes::look() {
  for (const int signal : signals)
    if (noted[static_cast<std::size_t>(signal)]) return signal;
  return std::nullopt;
}

std::optional<int> SignalNotes::take() {
  for (const int signal : signals)
    if (noted[static_cast<std::size_t>(signal)].exchange(false)) return signal;
  return std::nullopt;
}

}  // namespace optex
