#pragma once

#include <array>
#include <csignal>
#include <optional>

namespace optex {

/// While it lives, SIGUSR1, SIGUSR2, SIGTERM, SIGINT and SIGHUP (unless the program was started with nohup)
/// are noted instead of ending the process. Launchers forward them to every rank, so every rank needs one;
/// rank 0 acts on what it noted. A second SIGTERM or SIGINT that comes more than a second after the first
/// ends the process as it always did. At most one at a time.
class SignalNotes {
 public:
  SignalNotes();
  ~SignalNotes();
  SignalNotes(const SignalNotes&) = delete;
  SignalNotes& operator=(const SignalNotes&) = delete;

  /// The most urgent signal noted and not taken yet: SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 in this order.
  static std::optional<int> take();
  /// The same, left for take().
  static std::optional<int> look();

  /// From here on SIGTERM, SIGINT and SIGHUP end the process as they always did, now when one is noted
  /// already: for work that leaves nothing to save.
  static void resign();

 private:
  static constexpr std::array signals{SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
  std::array<struct sigaction, signals.size()> before_{};
};

}  // namespace optex
